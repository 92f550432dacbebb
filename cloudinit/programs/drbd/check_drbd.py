"""The health agent's check of a DRBD host: it takes clients where the promoter has what it promotes in service."""

from __future__ import annotations

import getpass
from socket import socket
from typing import Any

from agent_http import REFUSE, SERVE
from connection_room import ask_room, in_words, refused_for_room, room
from drbd_state import load_config
from health_check import Check, State, Verdict
from mha_common import read_env
from mha_sql import KeptConnection, SqlError
from promoter_local import promoter_state


def make() -> DrbdCheck:
    """The account is the operating system's user of the agent, which MariaDB knows through its socket."""
    server = KeptConnection(getpass.getuser(), ask_room) if load_config().mariadb else None
    return DrbdCheck(int(read_env("/etc/mariadb-ha/promoter.env")["PORT"]), server)


class DrbdCheck(Check):
    """Serving is one host's state: the one that holds the VIP, is Primary, and has everything on it started."""

    what = "the promoter"

    def __init__(self, port: int, server: KeptConnection | None) -> None:
        self.port, self.server = port, server
        self.full = False

    def look(self) -> dict[str, Any]:
        said = promoter_state(self.port)
        kept = ("active", "why", "role", "disk", "connection")
        found = {"promoter": {key: said.get(key) for key in kept} if said else {}}
        return found | (self.room(self.server) if self.server and found["promoter"].get("active") else {})

    def room(self, server: KeptConnection) -> dict[str, Any]:
        """Where MariaDB serves. Whether it answers at all is the promoter's to judge."""
        try:
            counted = room(server.figures(), before=self.full)
        except SqlError as error:
            counted = {"connections": None, "max_connections": None, "full": refused_for_room(str(error))}
        self.full = counted["full"]
        return counted

    def judge(self, state: State) -> Verdict:
        said = state["promoter"]
        if not said:
            return REFUSE, "the promoter does not answer"
        if said["active"]:
            return SERVE, "ok: Primary and in service" + (f"; {in_words(state)}" if state.get("full") else "")
        return REFUSE, f"stands by: {said['why']}" if said["active"] is False else f"not in service: {said['why']}"

    def when_late(self) -> dict[str, Any]:
        return {"promoter": {}}

    def wakes(self) -> socket | None:
        return self.server.socket() if self.server else None

    def woken(self) -> None:
        if self.server:
            self.server.close()
