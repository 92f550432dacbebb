"""What a director says of itself: its IPVS table, and keepalived's last VRRP state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from facts_common import Asked
from mha_common import Failure, read_env

UNITS = ("keepalived", "mariadb-ha-ipvs-sync")
#: Newest first and stop at one: quick however long the journal is.
_STATES = ("-b", "-u", "keepalived", "-o", "cat", "-r", "-n", "1", "--no-pager", "-g", "Entering (MASTER|BACKUP|FAULT) STATE")


class Subject:
    """Starts what takes a process; `facts` collects."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self.table = Asked("ipvsadm", "-Ln")
        # Who holds a VIP is MASTER: the journal, which costs most here, is only asked where that says nothing.
        self.states = None if _holds_a_vip(addresses) else Asked("journalctl", *_STATES)

    def facts(self) -> dict[str, Any]:
        """{"ipvs": {"code", "text"}, "vrrp": the same, or None where the host holds a VIP}."""
        return {"ipvs": self.table.answer(), "vrrp": self.states.answer() if self.states else None}


def _holds_a_vip(addresses: Mapping[str, Sequence[str]]) -> bool:
    try:
        vips = read_env("/etc/mariadb-ha/director.env").get("VIPS", "").split()
    except Failure:
        return False
    return any(vip in present for interface, present in addresses.items() if interface != "lo" for vip in vips)
