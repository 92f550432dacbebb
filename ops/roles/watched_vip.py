"""A VIP that a host may hold by the word of its health agent (mariadb-ha-vip-watch)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.markup import escape

from ops.component import Unit
from ops.hosts.facts import HostFacts
from ops.roles import vrrp
from ops.status.finding import Finding

UNITS = (
    Unit(
        name=vrrp.SERVICE.unit,
        follows="this host can neither hold the VIP nor take it over",
        todo="systemctl start keepalived, and journalctl -u keepalived for why it ended",
    ),
    Unit(
        name="mariadb-ha-vip-watch",
        follows="nobody tells keepalived on this host when it may not hold the VIP any more",
        todo="systemctl start mariadb-ha-vip-watch, and journalctl -u mariadb-ha-vip-watch for why it ended",
    ),
)


@dataclass(frozen=True, kw_only=True)
class WatchedVip:
    """What the watcher said last. `why`: why the host may not hold the VIP."""

    eligible: bool
    why: str = ""


def parse_watched_vip(said: Mapping[str, Any]) -> WatchedVip | None:
    """From what host-facts said; None on a host that may hold none."""
    found = said.get("watched_vip")
    return WatchedVip(eligible=bool(found.get("eligible")), why=str(found.get("why", ""))) if found else None


def not_eligible(host: str, facts: HostFacts) -> list[Finding]:
    """A host that could not take the VIP. That it drains, or runs no server, is told elsewhere too."""
    found = facts.part(WatchedVip)
    if found is None or found.eligible or facts.draining is not None:
        return []
    return [
        Finding(
            host=host,
            what=f"it may not hold the VIP ({found.why or 'no reason given'})",
            follows="nobody would take the VIP over from the other node",
            todo="mend what it names; it may hold the VIP again by itself then",
        )
    ]


def eligible_cell(found: WatchedVip | None) -> str:
    """For a table."""
    if found is None:
        return "–"
    return "[green]yes[/]" if found.eligible else f"[red]no[/]: {escape(found.why)}"
