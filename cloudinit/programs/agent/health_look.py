"""The health agent's looks at this node: once a second whoever asks, in a thread of its own."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from galera_cluster import takes_clients
from galera_flag import DRAINING, read_flag
from galera_state import Config, ask_peers
from health_check import REALSERVER, REFUSE, is_synced, mark, missing_vips, verdict, vips
from mha_common import Failure, at
from mha_sql import KeptConnection, SqlError

#: Seconds. The directors ask once a second; a node that serves nobody is not asked.
QUIET = 5.0


@dataclass(frozen=True)
class Look:
    """What was seen (the part of /state that is not on the disk) and what follows. Times are time.monotonic() (s)."""

    began: float
    ended: float
    state: dict[str, Any]
    answer: tuple[int, str]
    flag: tuple[int, int] | None
    """`mark` of the draining flag before the look: another one now means that it has not seen the flag as it is."""


class Checker:
    """Looks once a second whoever asks, in a thread of its own; at once when MariaDB closes the connection or somebody calls `wake`.

    When nobody has asked for QUIET seconds it sleeps, and the next one who asks wakes it (`wanted`) and gets what it then sees.

    `told` is called after each look, in that thread. When the thread dies the process ends with it: nobody would look any more.
    """

    def __init__(self, config: Config, server: KeptConnection, *, told: Callable[[], None] = lambda: None, period: float = 1.0, patience: float = 0.8) -> None:
        self.config, self.server, self.told, self.period, self.patience = config, server, told, period, patience
        self.last: Look | None = None
        self.busy_since = self.asked = time.monotonic()
        self.busy, self.asleep = True, False
        self.peers_seen: tuple[float, list[str]] = (float("-inf"), [])
        self.flag, self.realserver = at(DRAINING), at(REALSERVER)
        self.vips: tuple[tuple[int, int] | None, list[str]] = (None, [])
        self.ear, self.bell = socket.socketpair()
        self.bell.setblocking(False)

    def start(self) -> None:
        threading.Thread(target=self.work, daemon=True, name="look").start()

    def wake(self) -> None:
        """Never waits."""
        with contextlib.suppress(BlockingIOError):  # full: it has been asked often enough
            self.bell.send(b".")

    def wanted(self) -> None:
        """Somebody asks, or listens."""
        self.asked = time.monotonic()
        if self.asleep:
            self.wake()

    def look(self) -> dict[str, Any]:
        """The facts. Files are read again when they have changed."""
        if (now := mark(self.realserver)) != self.vips[0]:
            self.vips = now, vips()
        absent = missing_vips(self.vips[1])
        found: dict[str, Any] = {"running": False, "vip_on_lo": not absent and bool(self.vips[1]), "missing_vips": absent, "error": None}
        names = ("wsrep_ready", "cluster_status", "cluster_state_uuid", "local_state", "local_state_comment", "cluster_size", "read_only", "reject_queries")
        found |= dict.fromkeys(names)
        flag = read_flag() if mark(self.flag) else None
        rolling = bool(flag and flag.at_work)
        cut_short = bool(flag and flag.roll and not rolling)
        found |= {"draining": flag is not None and not cut_short, "draining_reason": flag.reason if flag else None}
        found |= {"rolling": rolling, "roll_cut_short": cut_short}
        try:
            figures = self.server.figures()
        except SqlError as error:
            return found | {"error": " ".join(str(error).split())}
        return found | {
            "running": True,
            "process": True,
            "wsrep_ready": figures.get("wsrep_ready") == "ON",
            "cluster_status": figures.get("wsrep_cluster_status"),
            "cluster_state_uuid": figures.get("wsrep_cluster_state_uuid"),
            "local_state": int(figures.get("wsrep_local_state", 0)),
            "local_state_comment": figures.get("wsrep_local_state_comment"),
            "cluster_size": int(figures.get("wsrep_cluster_size", 0)),
            "read_only": figures.get("read_only") not in ("OFF", "0"),
            "reject_queries": figures.get("wsrep_reject_queries"),
        }

    def better_peers(self) -> list[str]:
        """Names of the other nodes that new clients can be sent to instead, asked at most every 2 s. Instead of a real server: only of real servers."""
        if time.monotonic() - self.peers_seen[0] > 2:
            answers = ask_peers(self.config, timeout=0.4)
            here = bool(self.vips[1])
            names = [name for name, state in answers.items() if state and (takes_clients(state) if here else is_synced(state))]
            self.peers_seen = (time.monotonic(), names)
        return self.peers_seen[1]

    def work(self) -> None:
        try:
            while True:
                before = self.last
                self.last = self.judge()
                self.busy = False
                if before is None or self.last.answer[0] != before.answer[0]:
                    print(self.last.answer[1], flush=True)
                self.told()
                self.rest(self.last.began + self.period)
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # systemd starts the agent again

    def judge(self) -> Look:
        began, flag = time.monotonic(), mark(self.flag)
        try:
            state = self.look()
            answer = verdict(state, self.better_peers)
            state["status"] = answer[0]
        except (Failure, OSError, ValueError, KeyError) as error:
            state, answer = {}, (REFUSE, f"the check failed: {error}")
        return Look(began, time.monotonic(), state, answer, flag)

    def rest(self, until: float) -> None:
        """Until the next look is due, or MariaDB closes the connection, or somebody wants one."""
        kept = self.server.socket()
        self.asleep = time.monotonic() - self.asked > QUIET
        left = None if self.asleep else max(0.0, until - time.monotonic())
        heard, _, _ = select.select([self.ear, *([kept] if kept else [])], [], [], left)
        self.busy_since, self.busy, self.asleep = time.monotonic(), True, False
        if kept in heard:
            self.server.close()
        if self.ear in heard:
            self.ear.recv(4096)

    def overdue_at(self) -> float:
        """When a look will have taken longer than `patience`, or none will have begun although it was due."""
        last = self.last
        if self.asleep:
            return float("inf")
        return self.busy_since + self.patience if self.busy or last is None else max(last.began + self.period, last.ended) + self.patience

    def overdue(self) -> bool:
        return time.monotonic() > self.overdue_at()

    def left(self) -> float:
        """Seconds until the verdict may change without a look; one second where it has."""
        left = self.overdue_at() - time.monotonic()
        return min(left + 0.01, 60.0) if left > 0 else 1.0

    def answer(self) -> tuple[int, str] | None:
        """The verdict, at once; None while none is known that has seen the flag as it is now, and while nobody looks (see `wanted`)."""
        if self.overdue():
            return REFUSE, "MariaDB did not answer in time"
        last = self.last
        if last and not self.asleep and last.flag == mark(self.flag):
            return last.answer
        if last:
            self.wake()
        return None

    def state(self, not_before: float) -> dict[str, Any] | None:
        """The facts of a look that began at `not_before` or later; None while there is none (a look is on its way)."""
        last = self.last
        if last and last.began >= not_before and last.flag == mark(self.flag):
            return last.state
        if last:
            self.wake()
        return None
