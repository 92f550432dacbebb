"""The health agent's check of a replica: it answers, replicates, and does not lag too far. A full one sends new clients
to another that has room.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from socket import socket
from typing import Any

from agent_http import REFUSE, SERVE, agent_port
from agent_peers import ask_states
from connection_room import LastWord, in_words, refused_for_room, room, when_full
from health_check import Check, State, Verdict
from mha_sql import KeptConnection, SqlError, query
from replica_lag import Lag, Watch
from replica_sql import REPLICAS, rows
from replica_state import load_config

FACTS = ("read_only", "gtid_binlog_state", "lag_s", "connected", "replication", "version", "full")

#: Seconds for which the other replicas' answers hold: a look of its own for each.
SIBLINGS_HOLD = 0.9


def make() -> ReplicaCheck:
    """The account is the operating system's user of the agent, which MariaDB knows through its socket."""
    config = load_config()
    return ReplicaCheck(Watch(config.max_lag), user=getpass.getuser(), siblings=config.siblings)


def ask(connection: Any) -> dict[str, Any]:
    """MariaDB's words: variables, and the replica's row under `replica`."""
    question = (
        "SELECT @@GLOBAL.read_only, @@GLOBAL.gtid_binlog_state, @@version, @@GLOBAL.max_connections, VARIABLE_VALUE"
        " FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'THREADS_CONNECTED'"
    )
    ((read_only, state, version, most, connections),) = query(connection, question)
    found = rows(connection, REPLICAS)
    return {
        "read_only": bool(int(read_only)),
        "gtid_binlog_state": str(state or ""),
        "version": str(version),
        "max_connections": int(most),
        "threads_connected": int(connections),
        "replica": found[0] if found else None,
    }


def has_room(said: State) -> bool:
    """By what a replica's agent says (/state)."""
    return said.get("status") == SERVE and not said.get("full") and not said.get("draining")


class ReplicaCheck(Check):
    """See the module."""

    what = "MariaDB"

    def __init__(self, watch: Watch, *, user: str, siblings: Mapping[str, str]) -> None:
        self.watch, self.siblings = watch, siblings
        self.full = False
        self.before = LastWord()
        self.siblings_seen: tuple[float, list[str]] = (float("-inf"), [])
        self.kept_connection = KeptConnection(user, ask)

    def look(self) -> dict[str, Any]:
        try:
            said: Mapping[str, Any] = self.kept_connection.figures()
        except SqlError as error:
            return self.refused(" ".join(str(error).split()))
        counted = room(said, before=self.full)
        self.full = counted["full"]
        lag = self.watch.see(said["replica"], time.monotonic())
        found = {
            "running": True,
            "error": None,
            "read_only": said["read_only"],
            "gtid_binlog_state": said["gtid_binlog_state"],
            "lag_s": lag.seconds,
            "connected": lag.connected,
            "replication": lag.trouble,
            "version": said["version"],
            **counted,
        }
        self.before.keep(found)
        return found

    def refused(self, words: str) -> dict[str, Any]:
        """MariaDB does not answer, or is so full that it does not let the agent in: then it is not dead."""
        self.full = refused_for_room(words)
        found = {"running": False, "error": words, **dict.fromkeys(FACTS), "full": self.full}
        if self.full and self.before.holds:
            lag = self.watch.unseen(self.before.facts, time.monotonic())
            found |= {"lag_s": lag.seconds, "connected": lag.connected, "replication": lag.trouble}
        return found

    def judge(self, state: State) -> Verdict:
        if not state["running"] and not (state.get("full") and self.before.holds):
            return REFUSE, f"MariaDB does not answer: {state.get('error') or 'not running'}"
        fit, words = self.watch.judge(Lag(state["lag_s"], state["connected"], state["replication"]))
        if not fit:
            return REFUSE, words
        if not state.get("full"):
            return SERVE, words
        return when_full(f"{words.removeprefix('ok: ')}; {in_words(state)}", self.roomy())

    def roomy(self) -> list[str]:
        """Names of the other replicas that take reads and have room for connections."""
        if time.monotonic() - self.siblings_seen[0] > SIBLINGS_HOLD:
            answers = ask_states(self.siblings, agent_port(), timeout=0.4) if self.siblings else {}
            found = [name for name, said in answers.items() if said and has_room(said)]
            self.siblings_seen = (time.monotonic(), found)
        return self.siblings_seen[1]

    def when_late(self) -> dict[str, Any]:
        return {"running": False, "error": "no answer in time"}

    def wakes(self) -> socket | None:
        return self.kept_connection.socket()

    def woken(self) -> None:
        self.kept_connection.close()
