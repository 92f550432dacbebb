"""What changed here in the last hour, from the journal: lines that this host's roles know to read. Part of host-facts.

A role delivers a module history_ROLE.py beside this one, with

    UNITS            units of systemd whose words count
    WORDS            regular expression of these words, as PCRE and as Python's
    read(words)      a list of (kind, name, state, via, why), all text; empty: no change

Kinds: `vrrp` (name: the instance; state: MASTER, BACKUP, FAULT), and `server` (name: address, host name, or empty for
this host; state: in, out; via: who says so). At most MOST lines are told, the newest first.
"""

from __future__ import annotations

import json
import os
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

UNITS: Sequence[str] = ()
ROOT = os.environ.get("MHA_ROOT", "")
#: How far back (s), lines at most, and characters of a reason.
SPAN, MOST, LONGEST = 3600, 300, 120
JOURNALS = ("/var/log/journal", "/run/log/journal")
#: systemd's Journal File Format: the header begins with this word, and has the time of its first entry (µs) here.
SIGNATURE, FIRST = b"LPKSHHRH", 184


@cache
def readers() -> list[Any]:
    """The roles' modules."""
    folder = Path(__file__).resolve().parent
    return [import_module(file.stem) for file in sorted(folder.glob("history_*.py"))]


def commands() -> dict[str, Sequence[str]]:
    units = sorted({unit for reader in readers() for unit in reader.UNITS})
    if not units:
        return {}
    words = "|".join(reader.WORDS for reader in readers())
    command = ["journalctl", "-q", "--no-pager", f"--since=-{SPAN}s", "-r", "-n", str(MOST), "-o", "json"]
    command += ["--output-fields=MESSAGE,_SYSTEMD_UNIT", "-g", words]
    return {"history": [*command, *(word for unit in units for word in ("-u", unit))]}


def begins() -> float | None:
    """When the journal's first entry was written (s since the epoch); None where no journal can be read."""
    found = []
    for folder in JOURNALS:
        for file in Path(ROOT + folder).glob("*/system*.journal"):
            try:
                with file.open("rb") as journal:
                    head = journal.read(FIRST + 8)
            except OSError:
                continue
            if head.startswith(SIGNATURE) and len(head) == FIRST + 8:
                (first,) = struct.unpack_from("<Q", head, FIRST)
                found += [first / 1e6] if first else []
    return min(found, default=None)


def text_of(message: object) -> str:
    """MESSAGE in JSON: text; a list of bytes where it is no UTF-8; null where it is too long."""
    if isinstance(message, list):
        return bytes(byte for byte in message if isinstance(byte, int) and 0 <= byte < 256).decode(errors="replace")
    return message if isinstance(message, str) else ""


def lines_of(text: str) -> Iterator[tuple[float, str, str]]:
    """(time, unit, words) of what journalctl printed; what is no entry (a complaint) is passed over."""
    for line in text.splitlines():
        try:
            entry = json.loads(line)
            unit = str(entry.get("_SYSTEMD_UNIT", "")).removesuffix(".service")
            yield int(entry["__REALTIME_TIMESTAMP"]) / 1e6, unit, text_of(entry.get("MESSAGE"))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue


def history(answer: tuple[int, str], now: float) -> dict[str, Any]:
    """`age_s` in seconds before now; `begins_s`: how long ago the journal begins, None where that is not known."""
    code, text = answer
    since = begins()
    found: dict[str, Any] = {"begins_s": round(now - since, 1) if since else None, "cut": False, "changes": []}
    lines = list(lines_of(text))
    # 1: no line matched.
    if code not in (0, 1) or (text.strip() and not lines):
        return {**found, "error": (text.strip().splitlines() or [f"journalctl ended with {code}"])[-1]}
    for at, unit, words in lines:
        for reader in readers():
            if unit in reader.UNITS:
                found["changes"] += [
                    {"age_s": round(now - at, 1), **dict(zip(("kind", "name", "state", "via"), said, strict=False))}
                    | {"why": said[4][:LONGEST]}
                    for said in reader.read(words)
                ]
    return {**found, "cut": len(lines) >= MOST, "error": ""}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    return {"history": history(said("history"), time.time())} if readers() else {}
