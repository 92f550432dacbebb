"""Room for connections of a MariaDB server: how many it has, how many it may have, and when that counts as used up.

Full is not dead: what a full server answers to its clients ("Too many connections") is an answer, and its sessions
work. See docs/decisions/0028.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: MariaDB's words for error 1040.
TOO_MANY = "too many connections"
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


def refused_for_room(error: str) -> bool:
    """Whether a server that did not let us in said that it is full."""
    return TOO_MANY in error.lower()


def in_words(state: Mapping[str, Any]) -> str:
    """`full: 200 of 200 connections`."""
    if state.get("connections") is None:
        return "full: it takes no connection more"
    return f"full: {state['connections']} of {state['max_connections']} connections"
