"""The health agent's check of a Galera node: MariaDB's wsrep figures, asked over a kept connection,
and what follows.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from socket import socket
from typing import Any

from agent_http import KEEP, REFUSE, SERVE
from connection_room import in_words, refused_for_room, room, when_full
from data_size import Size
from data_volume import in_words as volume_words
from data_volume import volume
from galera_state import Config, disk_state, load_config
from health_check import Check, State, Verdict
from mha_sql import KeptConnection, SqlError
from other_agents import has_room
from peer_state import DONOR, SYNCED, ask_peers, is_synced, takes_clients
from wsrep_figures import counted, members_in_words, wsrep_values

#: Seconds for which the other nodes' answers hold.
PEERS_HOLD = 2.0
#: Facts of a running server; None while it does not answer.
FIGURES = (
    "wsrep_ready",
    "cluster_status",
    "cluster_state_uuid",
    "local_state",
    "local_state_comment",
    "cluster_size",
    "data_nodes",
    "members",
    "read_only",
    "reject_queries",
    "last_committed",
    "cached_downto",
    "connections",
    "max_connections",
)


def make() -> GaleraCheck:
    """The account is the operating system's user of the agent, which MariaDB knows through its socket."""
    return GaleraCheck(load_config(), KeptConnection(getpass.getuser(), wsrep_values))


class GaleraCheck(Check):
    """Synced in the Primary component, with room for clients; or such that nobody can stand in for it."""

    what = "MariaDB"

    def __init__(self, config: Config, server: KeptConnection) -> None:
        self.config, self.server = config, server
        self.peers_seen: tuple[float, list[str]] = (float("-inf"), [])
        self.answers: dict[str, State] = {}
        self.full = False
        self.size = Size(config.datadir)

    def look(self) -> dict[str, Any]:
        return {**volume(self.config.datadir), "data_mib": self.size.now(), **self.ask()}

    def ask(self) -> dict[str, Any]:
        """MariaDB's part."""
        try:
            figures = self.server.figures()
        except SqlError as error:
            words = " ".join(str(error).split())
            self.full = refused_for_room(words)
            return {"running": False, "error": words, **dict.fromkeys(FIGURES), "full": self.full}
        said = room(figures, before=self.full)
        self.full = said["full"]
        return {
            "running": True,
            "process": True,
            "error": None,
            "wsrep_ready": figures.get("wsrep_ready") == "ON",
            "cluster_status": figures.get("wsrep_cluster_status"),
            "cluster_state_uuid": figures.get("wsrep_cluster_state_uuid"),
            "local_state": int(figures.get("wsrep_local_state", 0)),
            "local_state_comment": figures.get("wsrep_local_state_comment"),
            **counted(figures),
            "members": members_in_words(figures),
            "read_only": figures.get("read_only") not in ("OFF", "0"),
            "reject_queries": figures.get("wsrep_reject_queries"),
            "last_committed": number(figures, "wsrep_last_committed"),
            "cached_downto": number(figures, "wsrep_local_cached_downto"),
            **said,
        }

    def judge(self, state: State) -> Verdict:
        if not state["running"] and state.get("full"):  # it lives, and did not let us in either
            return self.when_full(state, in_words(state))
        if not state["running"]:
            return REFUSE, f"MariaDB does not answer: {state.get('error') or 'not running'}"
        if state["cluster_status"] != "Primary":
            return REFUSE, f"not in the Primary component (cluster_status {state['cluster_status']})"
        if not state["wsrep_ready"]:
            return REFUSE, "wsrep_ready is OFF"
        if state["read_only"]:
            return REFUSE, "read_only is ON"
        if state["reject_queries"] != "NONE":
            return REFUSE, f"wsrep_reject_queries is {state['reject_queries']}"
        if state["local_state"] == DONOR:
            better = self.better_peers(real_server=bool(state.get("vip_on_lo") or state.get("missing_vips")))
            if better:
                return KEEP, f"donor or desynced, {', '.join(better)} is Synced"
            return SERVE, "ok: donor or desynced, but no other node would take the clients"
        if state["local_state"] != SYNCED:
            return REFUSE, f"not Synced ({state['local_state_comment']})"
        if state.get("full"):
            return self.when_full(state, f"Synced, {state['members']}; {in_words(state)}")
        if state.get("volume_full"):
            return self.when_full(state, f"Synced, {state['members']}; {volume_words(self.config.datadir, state)}")
        return SERVE, f"ok: Synced, {state['members']}"

    def when_full(self, state: State, words: str) -> Verdict:
        """A real server that is full, of connections or data, sends new clients to one that has room; nobody is moved
        away from the last one for it, nor from the node that holds a VIP of its own, whose sessions would end.
        """
        if not state.get("vip_on_lo"):
            return SERVE, f"ok: {words}"
        return when_full(words, [name for name in self.better_peers(real_server=True) if has_room(self.answers[name])])

    def better_peers(self, *, real_server: bool) -> list[str]:
        """Names of the other nodes that new clients can be sent to instead.

        Instead of a real server: only real servers.
        """
        if time.monotonic() - self.peers_seen[0] > PEERS_HOLD:
            better = takes_clients if real_server else is_synced
            answers = ask_peers(self.config, timeout=0.4)
            self.answers = {name: state for name, state in answers.items() if state}
            self.peers_seen = (time.monotonic(), [name for name, state in self.answers.items() if better(state)])
        return self.peers_seen[1]

    def kept(self) -> dict[str, Any]:
        return disk_state(self.config)

    def when_late(self) -> dict[str, Any]:
        return {"running": False, "process": True, "error": "no answer in time"}

    def wakes(self) -> socket | None:
        return self.server.socket()

    def woken(self) -> None:
        self.server.close()


def number(figures: Mapping[str, str], name: str) -> int | None:
    """A figure; None where the server does not tell it."""
    return int(figures[name]) if name in figures else None
