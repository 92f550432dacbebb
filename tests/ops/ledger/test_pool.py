"""Pooled clients against sessions that die, age and fail on command: what an application sees, and what its pool keeps
from it."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path
from typing import Any

import pymysql
import pytest

from ops.inventory import Endpoint
from ops.ledger import sessions
from ops.ledger.client import Shared
from ops.ledger.history import History
from ops.ledger.pool import LIFETIME, PooledWorkload, PooledWriter
from ops.ledger.writes import Result

TARGET = sessions.Target(endpoint=Endpoint(host="192.0.2.1", port=3306), user="u", password="p", database="d")
LOST = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
DEADLOCK = pymysql.err.OperationalError(1213, "Deadlock found")
NOT_READY = pymysql.err.OperationalError(1047, "WSREP has not yet prepared node for application use")


class Session:
    """A session and its cursor in one; counts how it was used."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.open = True
        self.dead = False
        self.closed_in_order = False
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1
        if self.dead:
            raise LOST

    def cursor(self) -> Session:
        return self

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing."""

    def execute(self, sql: str, values: tuple[int, str]) -> None:
        if self.dead:
            raise LOST
        if self.server.answers:
            error = self.server.answers.pop(0)
            if error is not None:
                raise error
        self.server.rows.append(values[0])

    def close(self) -> None:
        self.closed_in_order = True
        self.open = False

    def _force_close(self) -> None:
        self.open = False


class Server:
    """Gives sessions unless `refuses`; `answers` are the errors (None: none) of the next writes."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.rows: list[int] = []
        self.answers: list[Exception | None] = []
        self.refuses: Exception | None = None
        self.handshakes: set[float] = set()

    def connect(
        self, target: sessions.Target, source: str | None, patience: float, *, handshake: float
    ) -> tuple[Any, str]:
        """As `sessions.connect`."""
        self.handshakes.add(handshake)
        if self.refuses is not None:
            raise self.refuses
        self.sessions.append(Session(self))
        return self.sessions[-1], "mdb2"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    monkeypatch.setattr(sessions, "connect", found.connect)
    return found


@pytest.fixture
def client(server: Server, tmp_path: Path) -> PooledWriter:
    """One client that has written once."""
    events = PooledWorkload(TARGET, [], History(tmp_path / "h.jsonl")).events
    shared = Shared(target=TARGET, events=events, stop=threading.Event(), numbers=itertools.count(1))
    made = PooledWriter("b1", None, 10.0, shared, pause=0.1, lifetime=LIFETIME)
    assert made.open()
    assert made.work() == 0.1
    return made


def results(client: PooledWriter) -> list[Result]:
    return [a.result for a in client.events.attempts]


def test_a_new_session_is_used_at_once_and_pinged_from_then_on(client: PooledWriter, server: Server) -> None:
    assert server.sessions[0].pings == 0
    client.work()
    assert server.sessions[0].pings == 1
    assert (server.rows, len(server.sessions)) == ([1, 2], 1)
    assert client.counts == {"opened": 1}


def test_a_dead_session_is_replaced_and_nobody_notices(client: PooledWriter, server: Server) -> None:
    server.sessions[0].dead = True
    assert client.work() == 0.1
    assert results(client) == [Result.ACKED, Result.ACKED]
    assert client.events.failures == []
    assert client.counts == {"opened": 2, "replaced": 1}
    assert [s.broken is not None for s in client.events.sessions] == [True]


def test_a_dead_session_that_cannot_be_replaced_is_one_failed_connection(client: PooledWriter, server: Server) -> None:
    """ONE reconnect: the application would get the error, and asks again later."""
    server.sessions[0].dead = True
    server.refuses = ConnectionRefusedError(111, "Connection refused")
    assert client.work() == client.error_pause
    assert client.counts == {"opened": 1, "replaced": 1, "connect": 1}
    assert [words for _, words in client.events.failures] == ["connect: [Errno 111] Connection refused"]
    assert client.session is None
    assert results(client) == [Result.ACKED]


def test_an_aged_session_is_closed_in_order_between_two_uses(client: PooledWriter, server: Server) -> None:
    client.lifetime = 0.0
    assert client.work() == 0.1
    assert (server.sessions[0].closed_in_order, server.sessions[0].pings) == (True, 0)
    assert client.counts == {"opened": 2, "recycled": 1}
    assert [s.broken for s in client.events.sessions] == [None]
    assert server.rows == [1, 2]


def test_a_session_that_died_in_use_is_a_failed_write(client: PooledWriter, server: Server) -> None:
    server.answers = [LOST]
    assert client.work() == client.error_pause
    assert results(client)[-1] is Result.UNKNOWN
    assert (client.counts["write"], client.session) == (1, None)


@pytest.mark.parametrize(
    ("answers", "retried", "failed", "told"),
    [
        ([DEADLOCK], 1, 0, [Result.ACKED, Result.REFUSED, Result.ACKED]),
        ([DEADLOCK, DEADLOCK], 1, 1, [Result.ACKED, Result.REFUSED, Result.REFUSED]),
        ([NOT_READY], 0, 1, [Result.ACKED, Result.REFUSED]),
    ],
)
def test_a_deadlock_is_tried_once_more(
    client: PooledWriter, server: Server, answers: list[Exception | None], retried: int, failed: int, told: list[Result]
) -> None:
    server.answers = answers
    client.work()
    assert (client.counts["retried"], client.counts["write"]) == (retried, failed)
    assert results(client) == told
    # A second try has a number of its own: a write that was refused must not be found.
    assert len({a.number for a in client.events.attempts}) == len(told)


def test_clients_together(server: Server, tmp_path: Path) -> None:
    """They are spread over the addresses, have patience of their own kind, and their sessions do not age in step."""
    workload = PooledWorkload(TARGET, ["192.0.2.11", "192.0.2.12"], History(tmp_path / "h.jsonl"))
    lifetimes = [client.lifetime for client in workload.clients]  # type: ignore[attr-defined]
    assert len(set(lifetimes)) == len(lifetimes) == 8
    assert (min(lifetimes), max(lifetimes)) == pytest.approx((8.0, 12.0))
    assert [client.source for client in workload.clients] == ["192.0.2.11", "192.0.2.12"] * 4
    assert workload.writers() == ["b1", "b2", "b3", "b4", "b5", "b6", "i1", "i2"]
    workload.start()
    deadline = time.monotonic() + 5
    while {a.client for a in workload.events.attempts} != set(workload.writers()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    workload.stop()
    assert workload.counts() == {"opened": 8}
    assert server.handshakes == {10.0}
    assert len(workload.sessions()) == 8


@pytest.mark.parametrize(("said", "name"), [("mdb2", "mdb2"), ("mdb2.example.org", "mdb2"), ("", "")])
def test_a_server_is_known_by_its_first_label(said: str, name: str) -> None:
    assert sessions.host_of(said) == name
