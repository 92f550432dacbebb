"""Room for connections of a MariaDB server: how many it has, how many it may have, and when that counts as used up.

Full is not dead: what a full server answers to its clients ("Too many connections") is an answer, and its sessions
work. See docs/decisions/0028.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent_http import KEEP, SERVE
from health_check import Verdict, mark
from mha_common import at
from mha_sql import query

#: MariaDB's words for error 1040.
TOO_MANY = "too many connections"
QUESTION = (
    "SELECT @@GLOBAL.max_connections, VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
    " WHERE VARIABLE_NAME = 'THREADS_CONNECTED'"
)
PID_FILE = "/run/mysqld/mysqld.pid"
#: Used up at max_connections; there is room again below this share, so that one session that ends changes nothing.
ROOM_AGAIN = 0.9


def used_up(connections: int, most: int, *, before: bool) -> bool:
    """Whether clients are refused for want of room. `before`: whether they were at the last look."""
    return most > 0 and (connections >= most or (before and connections >= ROOM_AGAIN * most))


def room(figures: Mapping[str, Any], *, before: bool) -> dict[str, Any]:
    """Facts for /state from `threads_connected` and `max_connections`; None where the server did not say."""
    try:
        connections, most = int(figures["threads_connected"]), int(figures["max_connections"])
    except (KeyError, ValueError):
        return {"connections": None, "max_connections": None, "full": False}
    return {"connections": connections, "max_connections": most, "full": used_up(connections, most, before=before)}


def ask_room(connection: Any) -> dict[str, Any]:
    """The figures for `room`, where nothing else is asked. Raises SqlError."""
    ((most, connections),) = query(connection, QUESTION)
    return {"max_connections": most, "threads_connected": connections}


def refused_for_room(error: str) -> bool:
    """Whether a server that did not let us in said that it is full."""
    return TOO_MANY in error.lower()


def in_words(state: Mapping[str, Any]) -> str:
    """`full: 200 of 200 connections`."""
    if state.get("connections") is None:
        return "full: it takes no connection more"
    return f"full: {state['connections']} of {state['max_connections']} connections"


def when_full(words: str, roomy: Sequence[str]) -> Verdict:
    """A full server's answer where others could take its new clients: those with room are `roomy`. Nobody is moved away
    from the last one.
    """
    return (KEEP, f"{words}; {', '.join(roomy)} has room") if roomy else (SERVE, f"ok: {words}")


class LastWord:
    """What a server's agent knew before the server let nobody in any more, the agent itself included. It holds while
    the same process runs: one that has been started again is another one, and read-only by its configuration.
    """

    def __init__(self) -> None:
        self.process: tuple[int, int] | None = None
        self.facts: Mapping[str, Any] = {}
        self.answer: Verdict | None = None

    def keep(self, facts: Mapping[str, Any]) -> None:
        """The facts of a look."""
        self.process, self.facts, self.answer = mark(at(PID_FILE)), facts, None

    def judged(self, answer: Verdict) -> Verdict:
        """The answer to it."""
        self.answer = answer
        return answer

    @property
    def holds(self) -> bool:
        return self.process is not None and mark(at(PID_FILE)) == self.process
