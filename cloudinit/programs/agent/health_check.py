"""What a check module offers to the health agent.

A role that the agent has to look at delivers a module check_ROLE.py beside it, with

    make() -> Check     called once when the agent starts; a Failure ends the agent with its words

The agent itself knows no role: it finds the modules, asks each in turn, and answers with the worst verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from socket import socket
from typing import Any

from agent_http import SERVE

State = Mapping[str, Any]
Verdict = tuple[int, str]


class Check:
    """One role's part of a look."""

    #: Who did not answer, where a look does not end in time.
    what = "this host"

    def look(self) -> dict[str, Any]:
        """Facts for /state, within about 2 s. Failure, OSError, ValueError and KeyError make the look a failed one."""
        return {}

    def judge(self, state: State) -> Verdict:
        """SERVE, KEEP or REFUSE and the reason, from the facts of all modules."""
        return SERVE, "ok"

    def may_be_left(self, state: State) -> bool:
        """Whether clients may be sent elsewhere now that the host is draining, while its sessions go on."""
        return True

    def kept(self) -> dict[str, Any]:
        """Facts for /state that need no look: read at each answer."""
        return {}

    def when_late(self) -> dict[str, Any]:
        """Facts for /state while a look does not end."""
        return {}

    def wakes(self) -> socket | None:
        """Readable between two looks when the next one is due at once."""
        return None

    def woken(self) -> None:
        """`wakes` was readable."""


def mark(file: Path) -> tuple[int, int] | None:
    """Tells whether a file has changed since, for the price of one stat: its inode and time;
    None while there is none.
    """
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
