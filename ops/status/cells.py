"""Cells that the tables of several kinds have."""

from __future__ import annotations

from ops.hosts.facts import HostFacts


def clock_cell(facts: HostFacts) -> str:
    """The host's clock."""
    if facts.clock.off_s > 1:
        return f"{facts.clock.off_s:.1f} s off"
    return {True: "in sync", False: "no source", None: "unknown"}[facts.clock.synced]


def unreached_cell(facts: HostFacts) -> str:
    """In the place of what a host did not say."""
    return "[yellow]slow to answer[/]" if facts.unknown else "[red]unreachable[/]"
