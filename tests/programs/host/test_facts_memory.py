"""facts_memory: the host's memory, or its container's where that has a limit."""

from __future__ import annotations

from typing import Any

import facts_memory
import pytest

from tests.programs.conftest import Desk

MEMINFO = """MemTotal:        1000448 kB
MemFree:           80000 kB
MemAvailable:     420000 kB
SwapTotal:        524288 kB
SwapFree:         514048 kB
HugePages_Total:       0
"""
PRESSURE = "some avg10=3.00 avg60=12.50 avg300=1.00 total=9\nfull avg10=1.00 avg60=2.25 avg300=0.00 total=8\n"


def told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(facts_memory, "ROOT", str(desk.root))
    return facts_memory.facts(lambda name: (0, "")).get("memory")


def test_a_host(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("/proc/meminfo", MEMINFO)
    desk.write("/proc/pressure/memory", PRESSURE)
    assert told(desk, monkeypatch) == {
        "total_mib": 977,
        "available_mib": 410,
        "swap_mib": 512,
        "swapped_mib": 10,
        "pressure": {"some": 12.5, "full": 2.25},
    }


def test_a_container_has_what_its_limit_leaves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of files can be given back at once."""
    desk.write("/proc/meminfo", MEMINFO)
    desk.write("/proc/pressure/memory", PRESSURE)
    mib = 1024**2
    desk.write("/sys/fs/cgroup/memory.max", f"{400 * mib}\n")
    desk.write("/sys/fs/cgroup/memory.current", f"{390 * mib}\n")
    desk.write("/sys/fs/cgroup/memory.stat", f"anon {300 * mib}\nactive_file {20 * mib}\ninactive_file {40 * mib}\n")
    desk.write("/sys/fs/cgroup/memory.pressure", PRESSURE.replace("2.25", "30.00"))
    found = told(desk, monkeypatch)
    assert (found["total_mib"], found["available_mib"]) == (400, 70)
    assert found["pressure"]["full"] == 30


@pytest.mark.parametrize("limit", ["max\n", f"{10**15}\n"])
def test_a_container_without_a_limit_has_the_hosts(desk: Desk, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    desk.write("/proc/meminfo", MEMINFO)
    desk.write("/sys/fs/cgroup/memory.max", limit)
    found = told(desk, monkeypatch)
    assert (found["available_mib"], found["pressure"]) == (410, None)


def test_without_meminfo_nothing_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(desk, monkeypatch) is None
