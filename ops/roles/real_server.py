"""A real server of LVS direct routing: the VIP on its loopback, silent in ARP (lvsdr.sh)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.component import Unit
from ops.hosts.facts import HostFacts
from ops.status.finding import Finding

UNIT = Unit(
    name="mariadb-ha-lvsdr",
    follows="the real server drops what the directors forward to it",
    todo="systemctl start mariadb-ha-lvsdr",
)


@dataclass(frozen=True, kw_only=True)
class DirectRouting:
    """What `lvsdr.sh status` said: its code (0 whole, 3 stopped, 1 neither) and its words."""

    code: int
    words: str = ""


def parse_direct_routing(said: Mapping[str, Any]) -> DirectRouting | None:
    """From what host-facts said; None on a host that is no real server."""
    found = said.get("lvsdr")
    return DirectRouting(code=found["code"], words=found["text"]) if found else None


def real_server_findings(host: str, facts: HostFacts) -> list[Finding]:
    """A real server that is not whole although its unit is active."""
    found = facts.part(DirectRouting)
    if found is None or not found.code or not facts.active(UNIT.name):
        return []
    said = "; ".join(found.words.splitlines()) or f"code {found.code}"
    return [
        Finding(
            host=host,
            what=f"lvsdr.sh status says the real server is not whole ({said})",
            follows="what the directors forward here is dropped, or this host answers ARP for the VIP",
            todo="systemctl restart mariadb-ha-lvsdr",
        )
    ]


def real_server_cell(found: DirectRouting | None) -> str:
    """For a table."""
    return "–" if found is None else {0: "VIP on lo", 3: "stopped"}.get(found.code, "[red]not whole[/]")
