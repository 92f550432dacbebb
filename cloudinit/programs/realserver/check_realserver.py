"""The health agent's check of a real server of LVS: what lvsdr.sh sets up is there.

DR: its VIPs are on lo; TUN: on tunl0; NAT: lvsdr.sh has begun and not ended (its rules are looked at by `status`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent_http import REFUSE, SERVE
from facts_host import ipv4
from health_check import Check, State, Verdict, mark
from mha_common import at, read_env

REALSERVER = "/etc/mariadb-ha/realserver.env"
#: Where lvsdr.sh has a VIP, and what it leaves while NAT is set up.
DEVICE = {"DR": "lo", "TUN": "tunl0"}
RULES = "/run/mariadb-ha/lvsdr/rules"


def make() -> RealServerCheck:
    return RealServerCheck()


def missing_vips(wanted: Sequence[str], method: str = "DR") -> list[str]:
    """Those that this host could not answer from."""
    if method == "NAT":
        return [] if at(RULES).exists() else list(wanted)
    there = {address for interface, address in ipv4() if interface == DEVICE[method]} if wanted else set()
    return [vip for vip in wanted if vip not in there]


class RealServerCheck(Check):
    """Refuses what would reach this host and find no address to be answered from."""

    def __init__(self) -> None:
        self.file = at(REALSERVER)
        self.read: tuple[int, int] | None = None
        self.vips: list[str] = []
        self.method = "DR"

    def look(self) -> dict[str, Any]:
        """The file is read again when it has changed."""
        if (now := mark(self.file)) != self.read:
            env = read_env(REALSERVER) if now else {}
            self.vips, self.method = env.get("VIPS", "").split(), env.get("METHOD", "DR")
            self.read = now
        absent = missing_vips(self.vips, self.method)
        return {"vip_on_lo": not absent and bool(self.vips), "missing_vips": absent}

    def judge(self, state: State) -> Verdict:
        if state["missing_vips"] and self.method == "NAT":
            return REFUSE, "answers to clients have no way through the director: start mariadb-ha-lvsdr"
        if state["missing_vips"]:
            return (
                REFUSE,
                f"{', '.join(state['missing_vips'])} is not on {DEVICE[self.method]}: start mariadb-ha-lvsdr",
            )
        return SERVE, "ok"
