"""Facts of a host with a health agent: its answer, and whether a roll is at work here. Part of host-facts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from agent_http import agent_port, http_get
from drain_flag import read_flag

UNITS: Sequence[str] = ("mariadb-ha-agent",)
#: Longest wait for the agent (s). It answers within a second, as long as the host finds time for it.
PATIENCE = 20.0


def commands() -> dict[str, Sequence[str]]:
    return {}


def answer(port: int) -> dict[str, Any]:
    """The local agent's HTTP status (0: none), its words, and how long they took (s)."""
    began = time.monotonic()
    try:
        status, body = http_get("127.0.0.1", port, "/", timeout=PATIENCE)
        words = (body.strip().splitlines() or [""])[0]
    except TimeoutError:
        status, words = 0, f"no answer in {PATIENCE:.0f} s"
    except (OSError, ValueError, IndexError) as error:
        status, words = 0, str(error)
    return {"status": status, "words": words, "seconds": round(time.monotonic() - began, 3)}


def room(port: int) -> dict[str, Any]:
    """How many connections the server has and may have, and whether it is full, as the agent knows them; what it does
    not know is left out.
    """
    try:
        _, body = http_get("127.0.0.1", port, "/state", timeout=PATIENCE)
        state = json.loads(body)
        found = {key: int(state[key]) for key in ("connections", "max_connections") if state.get(key) is not None}
        return found | {"full": bool(state.get("full"))}
    except (OSError, ValueError, IndexError, TypeError, AttributeError):
        return {}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    flag, port = read_flag(), agent_port()
    found = answer(port)
    found["room"] = room(port) if found["status"] else {}
    return {"rolling": flag is not None and flag.at_work, "agent": found}
