"""From what host-facts printed to a host's facts. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ops.component import Component
from ops.hosts.facts import Clock, Firewall, HostFacts, Volume
from ops.hosts.history import parse_history
from ops.hosts.link import parse_links
from ops.hosts.memory import parse_memory


def parse_clock(text: str, chrony: str | None, *, sent: float, received: float) -> Clock:
    """The clock's difference, given when the question left and the answer came (this machine's clock, seconds since the
    epoch)."""
    try:
        theirs = float(text)
    except ValueError:
        return Clock()
    off = max(sent - theirs, theirs - received, 0.0)
    fields = (chrony or "").strip().split(",")
    return Clock(off_s=off, synced=fields[-1] != "Not synchronised" if len(fields) >= 14 else None)


def parse_answer(text: str) -> dict[str, Any] | None:
    """The program's object; None when there is none. What a login prints before it is passed over."""
    for line in reversed(text.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "clock" in found:
            return found
    return None


def host_facts(host: str, components: Sequence[Component], answer: str, *, sent: float, received: float) -> HostFacts:
    """All facts of a host: its own, and what its components know to read."""
    said = parse_answer(answer)
    if said is None:
        words = (answer.strip().splitlines() or ["nothing"])[-1]
        error = f"it answered, but not with its facts: {words}"
        return HostFacts(host=host, reached=False, unknown=True, error=error)
    units = [unit.name for component in components for unit in component.units(host)]
    parts = [part for component in components for part in component.parse(host, said)]
    return HostFacts(
        host=host,
        reached=True,
        addresses={name: tuple(present) for name, present in said.get("addresses", {}).items()},
        units={unit: said["units"].get(unit, "unknown") for unit in units},
        clock=parse_clock(str(said["clock"]), said.get("chrony"), sent=sent, received=received),
        draining=said.get("draining"),
        volumes={point: Volume(**found) for point, found in said.get("volumes", {}).items()},
        firewall=Firewall(**said["firewall"]) if "firewall" in said else None,
        memory=parse_memory(said),
        history=parse_history(said),
        hardware=tuple(said.get("hardware", ())),
        links=parse_links(said),
        link_error=said.get("link_error", ""),
        failed=said.get("failed", {}),
        parts={type(part): part for part in parts},
    )
