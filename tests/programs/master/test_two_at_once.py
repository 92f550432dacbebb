"""Two masters behind directors that are to be changed at once: whoever begins, one of them takes clients."""

from __future__ import annotations

import itertools
import threading

import pytest

from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported
from tests.programs.master.test_master_open import config

import drain_flag  # isort: skip
import master_drain  # isort: skip
import roll_order  # isort: skip


class Server:
    """master-up on one host, a turn at a time: from one pause to the next. Its agent sees the flag at once; its
    master-watch closes it with the flag, and opens it without.
    """

    def __init__(self, name: str, servers: dict[str, Server]) -> None:
        self.name, self.servers = name, servers
        self.flag, self.stopped, self.done = False, False, False
        self.wrong: list[str] = []
        self.go, self.paused = threading.Semaphore(0), threading.Semaphore(0)
        self.thread = threading.Thread(target=self.work, daemon=True)
        servers[name] = self
        self.thread.start()

    def turn(self) -> None:
        self.go.release()
        assert self.paused.acquire(timeout=60)

    def pause(self, _seconds: float = 0) -> None:
        self.paused.release()
        self.go.acquire()

    @property
    def status(self) -> int:
        return 503 if self.stopped else 404 if self.flag else 200

    @property
    def peer(self) -> Server:
        return next(server for name, server in self.servers.items() if name != self.name)

    def work(self) -> None:
        self.go.acquire()
        master_drain.leave(config(host=self.name, peer=self.peer.name))
        self.stopped = True
        for _ in range(40):
            if self.peer.stopped:
                self.wrong.append("both are stopped")
            self.pause()
        self.stopped = self.flag = False
        self.done = True
        self.paused.release()


class TurnsDeadline:
    """Over after a number of turns."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds * 2

    def over(self) -> bool:
        self.left -= 1
        return self.left < 0

    def waited(self) -> float:
        return 0.0

    def note(self, _words: str) -> None:
        """Nobody reads it."""


@pytest.mark.parametrize("turns", list(itertools.product((0, 1), repeat=6)), ids=lambda turns: "".join(map(str, turns)))
def test_never_are_both_out(turns: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """And each is changed in the end: they do not wait for each other."""
    servers: dict[str, Server] = {}
    first, second = Server("db1", servers), Server("db2", servers)
    by_thread = {server.thread: server for server in servers.values()}

    def me() -> Server:
        return by_thread[threading.current_thread()]

    def set_flag(_program: str) -> None:
        me().pause()  # between the look and the flag
        me().flag = True

    for module in (master_drain, roll_order):
        monkeypatch.setattr(module, "pause", lambda seconds: me().pause())
        monkeypatch.setattr(module, "Deadline", TurnsDeadline)
    monkeypatch.setattr(master_drain, "agent_port", lambda: 9200)
    monkeypatch.setattr(master_drain, "own_answer", lambda port: (me().status, ""))
    monkeypatch.setattr(
        master_drain, "state_of", lambda address: {"status": me().peer.status, "rolling": me().peer.flag}
    )
    monkeypatch.setattr(drain_flag, "take_out", set_flag)
    monkeypatch.setattr(drain_flag, "put_back", lambda: setattr(me(), "flag", False))
    each = (first, second)
    for turn in itertools.islice(itertools.chain(turns, itertools.cycle((0, 1))), 1000):
        if not each[turn].done:
            each[turn].turn()
    assert [server.done for server in each] == [True, True]
    assert not first.wrong + second.wrong
