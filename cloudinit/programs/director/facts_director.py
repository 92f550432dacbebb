"""Facts of a director: the kernel's IPVS table, and the state that keepalived entered last. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from facts_host import addresses
from mha_common import read_env

UNITS: Sequence[str] = ("keepalived", "mariadb-ha-ipvs-sync", "mariadb-ha-drain-watch")
# Newest first and stop at one: the answer is quick however long the journal is.
STATE = ["journalctl", "-b", "-u", "keepalived", "-o", "cat", "-r", "-n", "1", "--no-pager", "-g"]


def holds_a_vip() -> bool:
    """True when a VIP is on a link: the address is the truth, and the journal need not be asked."""
    vips = set(read_env("/etc/mariadb-ha/director.env").get("VIPS", "").split())
    return any(vips & set(present) for interface, present in addresses().items() if interface != "lo")


def commands() -> dict[str, Sequence[str]]:
    asked: dict[str, Sequence[str]] = {"ipvs": ["ipvsadm", "-Ln"]}
    return asked if holds_a_vip() else asked | {"vrrp": [*STATE, "Entering (MASTER|BACKUP|FAULT) STATE"]}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, table = said("ipvs")
    return {"ipvs": {"code": code, "text": table}, "vrrp_log": "" if holds_a_vip() else said("vrrp")[1]}
