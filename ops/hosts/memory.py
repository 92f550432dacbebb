"""A host's memory, as it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Memory:
    """In MiB. `available`: for new work without swapping. `waiting`: share of the last minute (0 to 1) in which all
    processes at once waited for memory (PSI); None: the kernel does not tell."""

    total_mib: int
    available_mib: int
    swap_mib: int = 0
    swapped_mib: int = 0
    waiting: float | None = None


def parse_memory(said: Mapping[str, Any]) -> Memory | None:
    """From what host-facts said; None where it said nothing of it."""
    found = said.get("memory")
    if not found:
        return None
    pressure = found.get("pressure")
    return Memory(
        total_mib=found["total_mib"],
        available_mib=found["available_mib"],
        swap_mib=found["swap_mib"],
        swapped_mib=found["swapped_mib"],
        waiting=pressure["full"] / 100 if pressure else None,
    )
