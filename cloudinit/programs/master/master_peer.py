"""The other server of a pair, as its health agent tells it (/state)."""

from __future__ import annotations

from agent_http import agent_port, http_get
from other_agents import OtherState as PeerState
from other_agents import state_of

__all__ = ["PeerState", "answers", "state_of"]


def answers(address: str, *, timeout: float = 0.4) -> bool:
    """Whether anything of a health agent answers, at the price of no look."""
    try:
        return bool(http_get(address, agent_port(), "/", timeout=timeout))
    except (ValueError, IndexError, ConnectionRefusedError):
        return True  # the host does
    except OSError:
        return False
