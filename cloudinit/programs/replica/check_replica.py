"""The health agent's check of a replica: it answers, replicates, and does not lag too far."""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from socket import socket
from typing import Any

from agent_http import REFUSE, SERVE
from connection_room import in_words, room
from health_check import Check, State, Verdict
from mha_sql import KeptConnection, SqlError, query
from replica_lag import Lag, Watch
from replica_sql import REPLICAS, rows
from replica_state import load_config

FACTS = ("read_only", "gtid_binlog_state", "lag_s", "connected", "replication", "version", "full")


def make() -> ReplicaCheck:
    """The account is the operating system's user of the agent, which MariaDB knows through its socket."""
    return ReplicaCheck(Watch(load_config().max_lag), user=getpass.getuser())


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

    def __init__(self, watch: Watch, *, user: str) -> None:
        self.watch = watch
        self.full = False
        self.kept_connection = KeptConnection(user, ask)

    def look(self) -> dict[str, Any]:
        try:
            said: Mapping[str, Any] = self.kept_connection.figures()
        except SqlError as error:
            return {"running": False, "error": " ".join(str(error).split()), **dict.fromkeys(FACTS)}
        counted = room(said, before=self.full)
        self.full = counted["full"]
        lag = self.watch.see(said["replica"], time.monotonic())
        return {
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

    def judge(self, state: State) -> Verdict:
        if not state["running"]:
            return REFUSE, f"MariaDB does not answer: {state.get('error') or 'not running'}"
        fit, words = self.watch.judge(Lag(state["lag_s"], state["connected"], state["replication"]))
        return (SERVE if fit else REFUSE), f"{words}; {in_words(state)}" if fit and state.get("full") else words

    def when_late(self) -> dict[str, Any]:
        return {"running": False, "error": "no answer in time"}

    def wakes(self) -> socket | None:
        return self.kept_connection.socket()

    def woken(self) -> None:
        self.kept_connection.close()
