"""The clients of a drill against sessions that fail on command."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql
import pytest

from ops.drill import clients
from ops.inventory import Endpoint
from ops.ledger import sessions
from ops.ledger.client import Client, Shared
from ops.ledger.history import History
from ops.ledger.writes import Result, broken_sessions

TARGET = sessions.Target(endpoint=Endpoint(host="192.0.2.1", port=3306), user="u", password="p", database="d")


class Server:
    """Holds what was written; `error` is raised by the next statements."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.error: Exception | None = None
        self.applies = True  # a statement whose answer is lost may have been done
        self.sources: set[str | None] = set()

    def connect(
        self, target: sessions.Target, source: str | None, patience: float, *, handshake: float
    ) -> tuple[Any, str]:
        """As `sessions.connect`."""
        self.sources.add(source)
        if self.error is not None and not isinstance(self.error, pymysql.err.ProgrammingError):
            raise self.error
        return FakeSession(self), "mdb2"


class FakeSession:
    """A session and its cursor in one."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.open = True

    def cursor(self) -> FakeSession:
        """Itself."""
        return self

    def __enter__(self) -> FakeSession:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing."""

    def execute(self, sql: str, values: tuple[int, str] | None = None) -> None:
        """Fails on command."""
        error = self.server.error
        if values is not None and (error is None or self.server.applies):
            self.server.rows.append(values[0])
        if error is not None:
            raise error

    def fetchall(self) -> list[object]:
        """Nothing."""
        return []

    def _force_close(self) -> None:
        self.open = False


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it did not come about within 5 s"
        time.sleep(0.01)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    monkeypatch.setattr(sessions, "connect", found.connect)
    monkeypatch.setattr(clients, "HOLD_PAUSE", 0.02)
    monkeypatch.setattr(clients, "WRITE_PAUSE", 0.01)
    return found


def test_every_write_is_told_with_its_fate(server: Server, tmp_path: Path) -> None:
    """A lost connection leaves the write unknown, whether it was done or not; the numbers stay unique."""
    history = History(tmp_path / "h.jsonl")
    workload = clients.DrillWorkload(TARGET, ["192.0.2.11", "192.0.2.12"], history)
    events = workload.events
    workload.start()
    try:
        wait_for(lambda: {a.client for a in events.attempts} == set(workload.writers()))
        assert workload.serving()["mdb2"] == len(workload.clients)
        fault = events.now()
        server.error = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
        wait_for(lambda: len(broken_sessions(events.sessions, fault, events.now())) == len(workload.clients))
        server.error = None
        before = len(events.attempts)
        wait_for(lambda: len(events.attempts) > before + 20)
    finally:
        workload.stop()
    history.close()
    numbers = [a.number for a in events.attempts]
    assert len(numbers) == len(set(numbers))
    by_result = {result: {a.number for a in events.attempts if a.result is result} for result in Result}
    assert by_result[Result.UNKNOWN]
    assert by_result[Result.ACKED] <= set(server.rows)
    assert server.sources == {"192.0.2.11", "192.0.2.12"}
    assert {s.client for s in broken_sessions(events.sessions, fault, events.now())} == {
        c.name for c in workload.clients
    }
    kept = [json.loads(line) for line in history.path.read_text().splitlines()]
    assert {record["number"] for record in kept if record["kind"] == "attempt"} == set(numbers)


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (pymysql.err.OperationalError(1047, "WSREP has not yet prepared node for application use"), Result.REFUSED),
        (pymysql.err.OperationalError(1213, "Deadlock found"), Result.REFUSED),
        (pymysql.err.OperationalError(1290, "read-only"), Result.REFUSED),
        (pymysql.err.OperationalError(2013, "Lost connection"), Result.UNKNOWN),
        (pymysql.err.OperationalError(1180, "Got error during COMMIT"), Result.UNKNOWN),
        (pymysql.err.InterfaceError(0, ""), Result.UNKNOWN),
        (TimeoutError("timed out"), Result.UNKNOWN),
        (ConnectionResetError(104, "reset"), Result.UNKNOWN),
    ],
)
def test_what_an_error_says_of_a_write(error: Exception, result: Result) -> None:
    assert sessions.result_of(error) is result


@pytest.mark.parametrize(("kind", "gave_up"), [(clients.Writer, True), (clients.Holder, False)])
def test_whose_timeout_breaks_a_session(kind: type[Client], gave_up: bool, server: Server, tmp_path: Path) -> None:
    """An impatient writer gave up; a holder waited as long as a pool would, so its session is dead."""
    events = clients.DrillWorkload(TARGET, [], History(tmp_path / "h.jsonl")).events
    client = kind(
        "x", None, 1.0, Shared(target=TARGET, events=events, stop=threading.Event(), numbers=itertools.count(1))
    )
    client.open()
    server.error = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query (timed out)")
    client.work()
    (session,) = events.sessions
    assert (session.gave_up, session.broken is not None) == (gave_up, True)


def test_nothing_listens_is_an_error_in_time() -> None:
    """The TCP handshake is given up quickly, so that a gap is not measured in the kernel's seconds."""
    start = time.monotonic()
    with pytest.raises(OSError):
        sessions.connect(
            sessions.Target(endpoint=Endpoint(host="127.0.0.1", port=1), user="u", password="p", database="d"),
            "127.0.0.1",
            1.0,
        )
    assert time.monotonic() - start < sessions.TCP_PATIENCE + 0.5


def test_readers_read_where_reads_have_an_endpoint_of_their_own(server: Server, tmp_path: Path) -> None:
    """What fails before the ledger has come to the replicas is told to nobody; what fails later is."""
    history = History(tmp_path / "h.jsonl")
    reads = sessions.Target(endpoint=Endpoint(host="192.0.2.1", port=3307), user="u", password="p", database="d")
    server.error = pymysql.err.ProgrammingError(1146, "Table 'd.ledger' doesn't exist")
    workload = clients.DrillWorkload(TARGET, [], history, reads=reads)
    events = workload.events
    names = [client.name for client in workload.clients if isinstance(client, clients.Reader)]
    assert len(names) == clients.READERS
    handshakes = {client.handshake for client in workload.clients if client.name in names}
    assert handshakes == {clients.READ_HANDSHAKE}, "the report says what a reader adds of its own"
    assert not set(names) & set(workload.writers())
    workload.start()
    try:
        time.sleep(0.2)
        assert not [words for _, words in events.failures if words.startswith("read")]
        server.error = None
        wait_for(lambda: {name for _, name in events.reads} == set(names))
        server.error = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
        wait_for(lambda: bool([words for _, words in events.failures if words.startswith("read")]))
    finally:
        workload.stop()
    history.close()


def test_nobody_reads_apart_where_there_is_one_endpoint(tmp_path: Path) -> None:
    history = History(tmp_path / "h.jsonl")
    workload = clients.DrillWorkload(TARGET, [], history)
    assert not [client for client in workload.clients if isinstance(client, clients.Reader)]
    history.close()
