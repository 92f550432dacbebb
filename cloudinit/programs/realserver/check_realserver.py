"""The health agent's check of a real server of LVS direct routing: its VIPs are on lo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent_http import REFUSE, SERVE
from facts_host import ipv4
from health_check import Check, State, Verdict, mark
from mha_common import at, read_env

REALSERVER = "/etc/mariadb-ha/realserver.env"


def make() -> RealServerCheck:
    return RealServerCheck()


def missing_vips(wanted: Sequence[str]) -> list[str]:
    """Those that are not on lo."""
    on_lo = {address for interface, address in ipv4() if interface == "lo"} if wanted else set()
    return [vip for vip in wanted if vip not in on_lo]


class RealServerCheck(Check):
    """Refuses what would reach this host and find no address to be answered from."""

    def __init__(self) -> None:
        self.file = at(REALSERVER)
        self.read: tuple[int, int] | None = None
        self.vips: list[str] = []

    def look(self) -> dict[str, Any]:
        """The file is read again when it has changed."""
        if (now := mark(self.file)) != self.read:
            self.vips = read_env(REALSERVER).get("VIPS", "").split() if now else []
            self.read = now
        absent = missing_vips(self.vips)
        return {"vip_on_lo": not absent and bool(self.vips), "missing_vips": absent}

    def judge(self, state: State) -> Verdict:
        if state["missing_vips"]:
            return REFUSE, f"{', '.join(state['missing_vips'])} is not on lo: start mariadb-ha-lvsdr"
        return SERVE, "ok"
