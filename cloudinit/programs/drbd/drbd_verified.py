"""The record of the last online verification that this host began, whole or cut short."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from mha_common import at
from mha_files import read_object, write_atomically

RECORD = "/var/lib/mariadb-ha/drbd-verify.json"
#: Ranges of blocks that are kept and named; all of them are in the kernel's log.
NAMED = 20
#: How the kernel (drbd 8.4) names a range that differs, and says that a verification went through.
RANGE = re.compile(r"Out of sync: start=(\d+), size=(\d+) \(sectors\)")
DONE = re.compile(r"Online verify +done")


@dataclass(frozen=True)
class Verified:
    """`began`, `ended`: seconds since 1970. `whole`: it went through; else `why` not. `ranges` (start, size) in sectors
    of 512 bytes, the first NAMED of `found`.
    """

    began: float
    ended: float
    whole: bool
    why: str = ""
    out_of_sync_kib: int = 0
    found: int = 0
    ranges: list[tuple[int, int]] = field(default_factory=list)


def read_log(text: str, minor: int) -> tuple[bool, list[tuple[int, int]]]:
    """From the kernel's log: whether a verification of the device went through, and the ranges that differ."""
    lines = [line for line in text.splitlines() if f"drbd{minor}:" in line]
    ranges = [(int(found[1]), int(found[2])) for line in lines if (found := RANGE.search(line))]
    return any(DONE.search(line) for line in lines), ranges


def keep(verified: Verified) -> None:
    write_atomically(at(RECORD), json.dumps(asdict(verified)) + "\n")


def kept() -> dict[str, Any]:
    """The record; empty where this host never began one."""
    return read_object(RECORD)


def now() -> float:
    return time.time()
