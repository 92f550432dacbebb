"""Whether a machine is too slow for a profile's timers, by what was measured, and which profile would hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from settings.timers import Values

#: A timer holds when it is this much longer than the longest wait that was seen.
MARGIN = 1.5


@dataclass
class Measured:
    """What the looks saw, in seconds and counts, while nobody touched anything.

    `agent_s`: slowest answer of a health agent on its own host; `group_s`: longest round of Galera's group
    communication (wsrep_evs_repl_latency, its maximum); `ejections`: real servers that went out of a director's table.
    """

    agent_s: float = 0.0
    group_s: float = 0.0
    view_changes: int = 0
    ejections: int = 0
    slow_hosts: set[str] = field(default_factory=set)


def lacking(measured: Measured, timers: Values, *, in_force: Values) -> list[str]:
    """Why these timers would not hold, each in words; empty when they would.

    What happened with those in force is proof against them.
    """
    found = []
    patience = timers.checks.connect_timeout
    if measured.agent_s * MARGIN > patience or (measured.ejections and _checking(timers) <= _checking(in_force)):
        found.append(f"connect_timeout {patience:g} s, {timers.checks.retry} retries")
    if measured.group_s * MARGIN > timers.evs.suspect_timeout or (
        measured.view_changes and timers.evs.suspect_timeout <= in_force.evs.suspect_timeout
    ):
        found.append(f"suspect_timeout {timers.evs.suspect_timeout:g} s")
    return found


def _checking(timers: Values) -> float:
    """How long a real server may be silent before it is ejected (s)."""
    return (
        timers.checks.retry + 1
    ) * timers.checks.connect_timeout + timers.checks.retry * timers.checks.delay_before_retry


def verdict(measured: Measured, *, profile: str, timers: Values, profiles: Mapping[str, Values]) -> str:
    """One paragraph: what was measured, which timers that breaks, and which profile would hold."""
    seen = []
    if measured.agent_s:
        seen.append(
            f"a health agent took {measured.agent_s:.1f} s to answer on its own host (connect_timeout "
            f"{timers.checks.connect_timeout:g} s)"
        )
    if measured.ejections:
        seen.append(f"real servers went out of the directors' tables {measured.ejections} times")
    if measured.view_changes:
        seen.append(
            f"Galera changed its view {measured.view_changes} times while nobody touched anything (suspect_timeout "
            f"{timers.evs.suspect_timeout:g} s)"
        )
    if measured.group_s:
        seen.append(f"a round of its group communication took up to {measured.group_s:.2f} s")
    if measured.slow_hosts:
        seen.append(f"slow to answer over SSH: {', '.join(sorted(measured.slow_hosts))}")
    told = f"Measured: {'; '.join(seen) or 'nothing that is slow'}."
    if not lacking(measured, timers, in_force=timers):
        return f"{told} The timers of profile {profile} are long enough for this: the cause is another one."
    holds = [
        name for name, values in profiles.items() if values != timers and not lacking(measured, values, in_force=timers)
    ]
    if holds:
        way = f"timers.profile {' or '.join(holds)} would hold"
    else:
        patience, suspect = (
            max(measured.agent_s * 2, 2 * timers.checks.connect_timeout),
            max(measured.group_s * 2, 2 * timers.evs.suspect_timeout),
        )
        way = (
            f"no profile would hold: write timers.connect_timeout: {patience:.0f}, timers.suspect_timeout: "
            f"{suspect:.0f}, or give it a faster machine"
        )
    return f"{told} The machine is too slow for the timers of profile {profile}: {way}."
