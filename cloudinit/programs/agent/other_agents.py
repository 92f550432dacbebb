"""What the health agents of other hosts see (/state)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agent_http import SERVE, agent_port, http_get

#: Facts; None without an answer.
OtherState = Mapping[str, Any] | None


def state_of(address: str, *, timeout: float = 0.4, port: int | None = None) -> OtherState:
    """What the health agent of a host sees; None without an answer in time. `port`: where it is not this host's own."""
    try:
        status, body = http_get(address, port or agent_port(), "/state", timeout=timeout)
        said = json.loads(body) if status == 200 else None
    except (OSError, ValueError, IndexError):
        return None
    return said if isinstance(said, dict) else None


def states_of(hosts: Mapping[str, str], *, timeout: float = 0.4, port: int | None = None) -> dict[str, OtherState]:
    """The same of several, asked at the same time. `hosts`: addresses by name."""
    if not hosts:
        return {}
    with ThreadPoolExecutor(len(hosts)) as pool:
        answers = pool.map(lambda address: state_of(address, timeout=timeout, port=port), hosts.values())
        return dict(zip(hosts, answers, strict=True))


def has_room(said: OtherState) -> bool:
    """Whether new clients can be sent there instead."""
    if not said or said.get("status") != SERVE or said.get("draining"):
        return False
    return not said.get("full") and not said.get("volume_full")
