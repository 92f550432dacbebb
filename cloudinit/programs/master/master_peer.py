"""The other server of a pair, as its health agent tells it (/state)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_http import agent_port, http_get
from agent_peers import ask_state

#: Facts; None without an answer.
PeerState = Mapping[str, Any] | None


def answers(address: str, *, timeout: float = 0.4) -> bool:
    """Whether anything of a health agent answers, at the price of no look."""
    try:
        return bool(http_get(address, agent_port(), "/", timeout=timeout))
    except (ValueError, IndexError, ConnectionRefusedError):
        return True  # the host does
    except OSError:
        return False


def state_of(address: str, *, timeout: float = 0.4) -> PeerState:
    """What the health agent of a host of the pair sees; None without an answer in time."""
    return ask_state(address, agent_port(), timeout=timeout)
