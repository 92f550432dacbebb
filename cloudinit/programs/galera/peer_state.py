"""The other nodes' /state: how it is asked for, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_http import SERVE
from galera_state import NO_UUID, Config
from other_agents import OtherState, states_of

SYNCED, DONOR = 4, 2  # wsrep_local_state
State = Mapping[str, Any]


def ask_peers(config: Config, *, timeout: float = 5.0) -> dict[str, OtherState]:
    """Every peer's /state, asked at the same time; None for those that do not answer within `timeout` (s)."""
    return states_of(config.peers, timeout=timeout, port=config.agent_port)


def data_of(state: State) -> str:
    """UUID of the cluster whose data a node holds; empty for a node that holds none."""
    running = state.get("cluster_state_uuid") if state.get("running") else None
    found = running or (state.get("grastate") or {}).get("uuid") or ""
    return "" if found == NO_UUID else str(found)


def lives(state: State | None) -> bool:
    """Whether a node says that it runs MariaDB."""
    return state is not None and bool(state.get("running") or state.get("process"))


def anybody_lives(states: Mapping[str, State | None]) -> list[str]:
    """Names of those that do."""
    return [name for name, state in states.items() if lives(state)]


def is_synced(state: State) -> bool:
    """Synced, in the Primary component."""
    return state.get("local_state") == SYNCED and state.get("cluster_status") == "Primary"


def takes_clients(state: State | None) -> bool:
    """Whether a node is a real server that new clients are sent to."""
    if not state or not state.get("vip_on_lo") or state.get("draining"):
        return False
    return state.get("local_state") == SYNCED and state.get("status") == SERVE


def holds_vip_next(state: State | None) -> bool:
    """Whether a node may take over the VIP of a cluster that has one of its own."""
    return bool(state) and not (state or {}).get("draining") and (state or {}).get("status") == SERVE
