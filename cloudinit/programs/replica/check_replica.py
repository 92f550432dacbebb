"""The health agent's check of a replica: it answers, replicates, and does not lag too far. A full one sends new clients
to another that has room.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from socket import socket
from typing import Any

from agent_http import REFUSE, SERVE
from connection_room import LastWord, in_words, refused_for_room, room, when_full
from data_volume import in_words as volume_words
from data_volume import volume
from health_check import Check, State, Verdict
from mha_sql import KeptConnection, SqlError, query
from other_agents import has_room, states_of
from replica_lag import Lag, Watch
from replica_sql import REPLICAS, rows
from replica_state import Config, load_config

#: Seconds for which the other replicas' answers hold.
OTHERS_HOLD = 2.0
FACTS = ("read_only", "gtid_binlog_state", "lag_s", "connected", "replication", "version", "full")


def make() -> ReplicaCheck:
    """The account is the operating system's user of the agent, which MariaDB knows through its socket."""
    config = load_config()
    return ReplicaCheck(config, Watch(config.max_lag), user=getpass.getuser())


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


class ReplicaCheck(Check):
    """See the module."""

    what = "MariaDB"

    def __init__(self, config: Config, watch: Watch, *, user: str) -> None:
        self.config, self.watch = config, watch
        self.others_seen: tuple[float, list[str]] = (float("-inf"), [])
        self.full = False
        self.before = LastWord()
        self.kept_connection = KeptConnection(user, ask)

    def look(self) -> dict[str, Any]:
        return {**volume(self.config.datadir), **self.ask()}

    def ask(self) -> dict[str, Any]:
        """MariaDB's part."""
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
        full = [in_words(state)] if state.get("full") else []
        full += [volume_words(self.config.datadir, state)] if state.get("volume_full") else []
        return (
            when_full("; ".join([words.removeprefix("ok: "), *full]), self.roomy_others()) if full else (SERVE, words)
        )

    def roomy_others(self) -> list[str]:
        """Replicas that a balancer can send new clients to instead; none where nobody chooses for the clients."""
        if not self.config.drain_notice:
            return []
        if time.monotonic() - self.others_seen[0] > OTHERS_HOLD:
            said = states_of(self.config.others)
            self.others_seen = time.monotonic(), [name for name, state in said.items() if has_room(state)]
        return self.others_seen[1]

    def when_late(self) -> dict[str, Any]:
        return {"running": False, "error": "no answer in time"}

    def wakes(self) -> socket | None:
        return self.kept_connection.socket()

    def woken(self) -> None:
        self.kept_connection.close()
