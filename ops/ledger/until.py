"""Waiting until the user has seen enough: Enter, the end of standard input, a signal, or so many seconds."""

from __future__ import annotations

import os
import select
import stat
import time
from collections.abc import Callable
from pathlib import Path

from ops.ledger.cleanup import signals_noted

#: How often the other reasons to end are looked at, in seconds.
PAUSE = 0.5


def _usable(stdin: int) -> bool:
    """False where nobody can say anything: no standard input, or /dev/null, whose end says nothing about the user."""
    try:
        found = os.fstat(stdin)
    except OSError:
        return False
    return not (stat.S_ISCHR(found.st_mode) and found.st_rdev == Path(os.devnull).stat().st_rdev)


def how_to_end(seconds: float | None, stdin: int = 0) -> str:
    """What ends the wait, for the user."""
    ways = ["Enter"] if _usable(stdin) else []
    ways += ["Ctrl-C"] if seconds is None else ["Ctrl-C", f"{seconds:g} s"]
    return " or ".join(ways)


def wait_for_end(seconds: float | None, meanwhile: Callable[[], None], stdin: int = 0) -> str:
    """Waits; calls `meanwhile` every half second. Gives what ended it, in words. Signals end the wait and nothing
    else."""
    deadline = None if seconds is None else time.monotonic() + seconds
    listens = _usable(stdin)
    with signals_noted() as noted:
        while not noted:
            left = PAUSE if deadline is None else min(PAUSE, deadline - time.monotonic())
            if left <= 0:
                return f"{seconds:g} s"
            if listens and select.select([stdin], [], [], left)[0]:
                said = os.read(stdin, 4096)
                if not said or b"\n" in said:
                    return "Enter" if said else "the end of standard input"
            elif not listens:
                time.sleep(left)
            meanwhile()
    return noted[0]
