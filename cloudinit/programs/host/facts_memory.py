"""Memory of this host, or of its container: what is available, swap, and how long processes wait for it. Part of
host-facts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

UNITS: Sequence[str] = ()
ROOT = os.environ.get("MHA_ROOT", "")
CGROUP = "/sys/fs/cgroup"
MIB = 1024**2


def commands() -> dict[str, Sequence[str]]:
    return {}


def text(path: str) -> str:
    try:
        return Path(ROOT + path).read_text()
    except OSError:
        return ""


def numbers(found: str) -> dict[str, int]:
    """Lines `name: number unit` or `name number`."""
    words = [line.replace(":", " ").split() for line in found.splitlines()]
    return {line[0]: int(line[1]) for line in words if len(line) > 1 and line[1].isdigit()}


def pressure(found: str) -> dict[str, float] | None:
    """Share of the last minute (%) in which some processes, and all of them at once, waited for memory (PSI); None
    where the kernel does not tell.
    """
    told = {}
    for line in found.splitlines():
        kind, *pairs = line.split()
        values = dict(pair.split("=", 1) for pair in pairs)
        told[kind] = float(values["avg60"])
    return {"some": told["some"], "full": told.get("full", 0.0)} if "some" in told else None


def contained(limit: int, stat: Mapping[str, int], current: int) -> dict[str, int]:
    """What a container has: its limit, and what it uses of it, pages aside that the kernel can give back at once."""
    back = stat.get("active_file", 0) + stat.get("inactive_file", 0) + stat.get("slab_reclaimable", 0)
    return {"total_mib": limit // MIB, "available_mib": max(limit - current + back, 0) // MIB}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    host = numbers(text("/proc/meminfo"))
    if "MemAvailable" not in host:
        return {}
    found: dict[str, Any] = {
        "total_mib": host["MemTotal"] // 1024,
        "available_mib": host["MemAvailable"] // 1024,
        "swap_mib": host.get("SwapTotal", 0) // 1024,
        "swapped_mib": (host.get("SwapTotal", 0) - host.get("SwapFree", 0)) // 1024,
    }
    waits = text("/proc/pressure/memory")
    limit = text(f"{CGROUP}/memory.max").strip()
    if limit.isdigit() and int(limit) < host["MemTotal"] * 1024:
        found |= contained(
            int(limit), numbers(text(f"{CGROUP}/memory.stat")), int(text(f"{CGROUP}/memory.current") or 0)
        )
        waits = text(f"{CGROUP}/memory.pressure")
    return {"memory": {**found, "pressure": pressure(waits)}}
