"""The health agent's check of one server of a master-master pair: it answers, takes writes, and lacks nothing.

Behind directors it also decides for whom routing is: of two servers of which one takes clients at a time, the preferred
one stands by while the other has them, so that nobody writes to both.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from socket import socket
from typing import Any

from agent_http import KEEP, REFUSE, SERVE
from connection_room import LastWord, in_words, refused_for_room, room
from data_volume import in_words as volume_words
from data_volume import volume
from health_check import Check, State, Verdict, mark
from master_peer import state_of
from master_sql import Master
from master_state import ENV, Config, load_config
from mha_common import at
from mha_sql import SqlError
from other_agents import has_room

#: Seconds for one question to MariaDB, and for which the other server's answer holds: a look of its own for each.
ANSWER, PEER_HOLDS = 2.0, 0.9
#: Seconds for which the other server has to be without clients before the preferred one takes them again.
QUIET = 3.0
#: Why the server is read-only (master-watch).
CLOSED = "/run/mariadb-ha/master.closed"
FACTS = (
    "read_only",
    "gtid_binlog_state",
    "replication",
    "connected",
    "applied",
    "confirmed",
    "version",
    "clients",
    "full",
)


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
        self.file = at(ENV)
        self.read = mark(self.file)
        self.peer_seen: tuple[float, Mapping[str, Any]] = (float("-inf"), {})
        self.peer_had_clients = float("-inf")
        self.full = False
        self.before = LastWord()

    def look(self) -> dict[str, Any]:
        """The settings are read again when they have changed."""
        if (now := mark(self.file)) != self.read and now:
            self.config, self.read = load_config(), now
        return {**volume(self.config.datadir), **self.ask()}

    def ask(self) -> dict[str, Any]:
        """MariaDB's part."""
        try:
            seen = self.server.look()
            clients = 0 if self.config.own_vip else self.server.clients()
        except SqlError as error:
            words = " ".join(str(error).split())
            self.full = refused_for_room(words)
            known = self.before.facts if self.full and self.before.holds else {}
            return {
                "running": False,
                "error": words,
                **dict.fromkeys(FACTS),
                "read_only": known.get("read_only"),
                "full": self.full,
            }
        found = {
            "running": True,
            "error": None,
            "read_only": seen.read_only,
            "gtid_binlog_state": seen.binlog_state,
            "replication": seen.trouble,
            "connected": seen.connected,
            "applied": seen.applied,
            "confirmed": seen.confirmed,
            "version": seen.version,
            "clients": clients,
            **room({"threads_connected": seen.connections, "max_connections": seen.max_connections}, before=self.full),
        }
        self.full = found["full"]
        self.before.keep(found)
        return found | {"stands_by": self.stands_by(found)}

    def stands_by(self, found: State) -> bool:
        """The other server has the clients, and this one, although routing prefers it, leaves them there."""
        config = self.config
        if config.own_vip or not config.peer or not config.one_writer or not config.first:
            return False
        peer = self.peer()
        shut_in = bool(peer.get("full")) and not peer.get("running")  # so full that its agent cannot count them
        if not (peer.get("running") or shut_in) or peer.get("read_only"):
            self.peer_had_clients = float("-inf")
            return False
        if peer.get("clients") or shut_in:
            self.peer_had_clients = time.monotonic()
        return not found["clients"] and time.monotonic() - self.peer_had_clients < QUIET

    def judge(self, state: State) -> Verdict:
        """One that is so full that it does not let the agent in is not dead: what was said of it last holds."""
        if state["running"]:
            return self.before.judged(self.judge_running(state))
        if state.get("full") and self.before.holds and self.before.answer:
            status, words = self.before.answer
            return status, f"{words.partition('; full: ')[0]}; {in_words(state)}"
        return REFUSE, f"MariaDB does not answer: {state.get('error') or 'not running'}"

    def judge_running(self, state: State) -> Verdict:
        config = self.config
        if state["read_only"]:
            return REFUSE, "stands by: read_only is ON" if config.own_vip else f"read_only is ON{why_closed()}"
        if config.own_vip or not config.peer:
            return SERVE, f"ok: takes writes{self.full_words(state)}"
        if state["replication"] and self.peer_is_whole():
            return KEEP, f"replication is broken ({state['replication']}), and {config.peer} is whole"
        if not state["applied"] and not state["connected"] and not state["replication"]:
            return KEEP, f"it has not applied yet all that it has received from {config.peer}"
        if state.get("stands_by"):
            return KEEP, f"stands by: {config.peer} has the clients"
        trouble = f"replication is broken ({state['replication']})" if state["replication"] else "replicates"
        if state.get("volume_full") and not config.one_writer and has_room(self.peer()):
            return KEEP, f"{trouble}{self.full_words(state)}; {config.peer} has room"
        return SERVE, f"ok: {trouble}{self.full_words(state)}"

    def full_words(self, state: State) -> str:
        """After an `ok`: no room for clients, or for data. Of two of which one takes writes at a time it keeps its
        place: two that take writes at once would be worse.
        """
        words = [in_words(state)] if state.get("full") else []
        words += [volume_words(self.config.datadir, state)] if state.get("volume_full") else []
        return "".join(f"; {each}" for each in words)

    def may_be_left(self, state: State) -> bool:
        """Where one server takes writes at a time: not before this one is closed, or does not run."""
        gone = not state["running"] and not state.get("full")
        return self.config.own_vip or not self.config.one_writer or gone or bool(state["read_only"])

    def peer(self) -> Mapping[str, Any]:
        """What the other server's agent says; nothing where it does not answer."""
        if time.monotonic() - self.peer_seen[0] > PEER_HOLDS:
            self.peer_seen = time.monotonic(), state_of(self.config.peer_address) or {}
        return self.peer_seen[1]

    def peer_is_whole(self) -> bool:
        """Whether the other server answers, takes writes, and its replication is not broken."""
        said = self.peer()
        return bool(said.get("running")) and not said.get("replication") and not said.get("read_only")

    def when_late(self) -> dict[str, Any]:
        return {"running": False, "error": "no answer in time"}

    def wakes(self) -> socket | None:
        return self.server.socket()

    def woken(self) -> None:
        self.server.close()


def why_closed() -> str:
    """In brackets, where master-watch says it."""
    try:
        return f" ({at(CLOSED).read_text().strip()})"
    except OSError:
        return ""
