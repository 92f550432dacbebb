"""The health agent's check of one server of a master-master pair: it answers, takes writes, and lacks nothing."""

from __future__ import annotations

import getpass
import json
import time
from socket import socket
from typing import Any

from agent_http import KEEP, REFUSE, SERVE, agent_port, http_get
from health_check import Check, State, Verdict
from master_sql import Master
from master_state import Config, load_config
from mha_sql import SqlError

#: Seconds for one question to MariaDB, and for which the other server's answer holds.
ANSWER, PEER_HOLDS = 2.0, 2.0
FACTS = ("read_only", "gtid_binlog_state", "replication", "connected", "applied", "confirmed", "version")


def make() -> MasterCheck:
    """The account is the operating system's user of the agent, which MariaDB knows through its socket."""
    return MasterCheck(load_config(), Master(timeout=ANSWER, user=getpass.getuser()))


class MasterCheck(Check):
    """Behind directors: takes clients unless the other server is the better one. With a VIP of the pair's own: where
    it takes writes.
    """

    what = "MariaDB"

    def __init__(self, config: Config, server: Master) -> None:
        self.config, self.server = config, server
        self.peer_seen: tuple[float, bool] = (float("-inf"), False)

    def look(self) -> dict[str, Any]:
        try:
            seen = self.server.look()
        except SqlError as error:
            return {"running": False, "error": " ".join(str(error).split()), **dict.fromkeys(FACTS)}
        return {
            "running": True,
            "error": None,
            "read_only": seen.read_only,
            "gtid_binlog_state": seen.binlog_state,
            "replication": seen.trouble,
            "connected": seen.connected,
            "applied": seen.applied,
            "confirmed": seen.confirmed,
            "version": seen.version,
        }

    def judge(self, state: State) -> Verdict:
        if not state["running"]:
            return REFUSE, f"MariaDB does not answer: {state.get('error') or 'not running'}"
        if state["read_only"]:
            return REFUSE, "stands by: read_only is ON" if self.config.own_vip else "read_only is ON"
        if self.config.own_vip or not self.config.peer:
            return SERVE, "ok: takes writes"
        if state["replication"] and self.peer_is_whole():
            return KEEP, f"replication is broken ({state['replication']}), and {self.config.peer} is whole"
        if not state["applied"] and self.peer_is_whole():
            return KEEP, f"it has not applied yet what it has from {self.config.peer}"
        return SERVE, f"ok: replication is broken ({state['replication']})" if state[
            "replication"
        ] else "ok: replicates"

    def peer_is_whole(self) -> bool:
        """Whether the other server answers, and its replication is not broken."""
        if time.monotonic() - self.peer_seen[0] > PEER_HOLDS:
            try:
                status, body = http_get(self.config.peer_address, agent_port(), "/state", timeout=0.4)
                said = json.loads(body) if status == 200 else {}
            except (OSError, ValueError, IndexError):
                said = {}
            whole = bool(said.get("running")) and not said.get("replication") and bool(said.get("applied"))
            self.peer_seen = time.monotonic(), whole
        return self.peer_seen[1]

    def when_late(self) -> dict[str, Any]:
        return {"running": False, "error": "no answer in time"}

    def wakes(self) -> socket | None:
        return self.server.socket()

    def woken(self) -> None:
        self.server.close()
