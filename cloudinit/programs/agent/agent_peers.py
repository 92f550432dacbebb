"""What the health agents of other hosts say (/state)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agent_http import http_get


def ask_state(address: str, port: int, *, timeout: float) -> dict[str, Any] | None:
    """A host's /state; None when it does not answer within `timeout` (s)."""
    try:
        status, body = http_get(address, port, "/state", timeout=timeout)
        state = json.loads(body) if status == 200 else None
    except (OSError, ValueError, IndexError):
        return None
    return state if isinstance(state, dict) else None


def ask_states(peers: Mapping[str, str], port: int, *, timeout: float) -> dict[str, dict[str, Any] | None]:
    """Of several hosts (address by name), asked at the same time."""
    if not peers:
        return {}
    with ThreadPoolExecutor(len(peers)) as pool:
        answers = pool.map(lambda address: ask_state(address, port, timeout=timeout), peers.values())
        return dict(zip(peers, answers, strict=True))
