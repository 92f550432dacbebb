"""Requests instead of writes, against servers of the test's: what is counted, who answered, how hosts are compared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ops.component import Pages
from ops.drill.outcome import DrillMarks, Outcome
from ops.drill.requests import RequestWorkload
from ops.errors import OpsError
from ops.inventory import Endpoint, parse
from ops.kinds.web.drills import VRRP_BLOCKED
from ops.ledger.compare import equal, nodes_json, verdict
from ops.ledger.history import History
from ops.ledger.pages import PageBooks
from ops.ledger.writes import Attempt, Result, acks
from tests.ops import stack

LOOPBACK = "127.0.0.1"


class Served:
    """A server on the loopback; a test changes what it says."""

    def __init__(self) -> None:
        self.status, self.body, self.name = 200, b"page", "web1"
        self.paths: list[str] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                served.paths.append(self.path)
                self.send_response(served.status)
                self.send_header("X-Served-By", served.name)
                self.send_header("Content-Length", str(len(served.body)))
                self.end_headers()
                self.wfile.write(served.body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.server.daemon_threads = True
        self.port = int(self.server.server_address[1])
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.shutdown()
    made.server.server_close()


def books(port: int, *, alike: bool = True, **nodes: str) -> PageBooks:
    return PageBooks(Pages(endpoint=Endpoint(host=LOOPBACK, port=port), tls=False, nodes=nodes, alike=alike))


def workload(port: int, tmp_path: Path) -> RequestWorkload:
    endpoint = Endpoint(host=LOOPBACK, port=port)
    return RequestWorkload(books(port).target(endpoint), [], History(tmp_path / "history.jsonl"))


def until(true: Any) -> None:
    """Waits for an event; ten seconds are for ever here."""
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


def test_every_request_has_its_number_and_its_server(served: Served, tmp_path: Path) -> None:
    work = workload(served.port, tmp_path)
    work.start()
    try:
        until(lambda: {a.client for a in work.events.attempts} == set(work.writers()))
        until(lambda: work.serving()["web1"] == len(work.clients))
    finally:
        work.stop()
    attempts = work.events.attempts
    assert {(a.result, a.server) for a in attempts} == {(Result.ACKED, "web1")}
    assert {f"/?n={a.number}" for a in attempts} == {path for path in served.paths if path != "/"}
    assert len({a.number for a in attempts}) == len(attempts)


def test_an_error_of_the_server_is_no_answer(served: Served, tmp_path: Path) -> None:
    served.status = 502
    work = workload(served.port, tmp_path)
    work.start()
    try:
        until(lambda: len(work.events.attempts) > 5)
    finally:
        work.stop()
    assert {(a.result, a.error) for a in work.events.attempts} == {(Result.REFUSED, "status 502")}
    assert acks(work.events.attempts) == []


def test_nobody_at_the_port_is_a_refusal(served: Served, tmp_path: Path) -> None:
    served.server.shutdown()
    served.server.server_close()
    work = workload(served.port, tmp_path)
    work.start()
    try:
        until(lambda: len(work.events.attempts) > 5)
    finally:
        work.stop()
    assert {a.result for a in work.events.attempts} == {Result.REFUSED}
    assert work.events.failures


@pytest.mark.parametrize(("alike", "same"), [(True, False), (False, True)])
def test_hosts_are_compared_by_what_they_answer(served: Served, alike: bool, same: bool) -> None:
    """`alike` False: an upstream's pages may differ, only the status counts."""
    first = books(served.port, alike=alike, web1=LOOPBACK).read()
    served.body = b"another page"
    second = books(served.port, alike=alike, web2=LOOPBACK).read()
    held = {**first, **second}
    assert equal(held) is same
    assert nodes_json(held)["web1"] == {"rows": None, "checksum": "200", "sha256": first["web1"].digest}  # type: ignore[union-attr]
    assert verdict([Attempt(number=1, client="r1", start=0, end=1, result=Result.ACKED)], held).good


def test_a_host_that_does_not_answer_is_none(served: Served) -> None:
    served.server.shutdown()
    served.server.server_close()
    assert books(served.port, web1=LOOPBACK).read() == {"web1": None}


def outcome(*answers: tuple[float, str]) -> Outcome:
    """A drill whose fault was repaired at 10 s, with answers (at, server)."""
    return Outcome(
        fault_kind=VRRP_BLOCKED,
        stack="web",
        target="web1",
        started_at="",
        promised_gap_s=1.0,
        marks=DrillMarks(fault=5.0, repair=10.0, end=20.0),
        attempts=[
            Attempt(number=n, client="r1", start=at, end=at, result=Result.ACKED, server=server)
            for n, (at, server) in enumerate(answers)
        ],
        failures=(),
        sessions=(),
        contents={},
        history="",
        noun="request",
    )


@pytest.mark.parametrize(
    ("answers", "settled"),
    [
        ([(6, "web1"), (11, "web1")], 0.0),
        ([(6, "web2"), (11, "web1")], 0.0),
        ([(6, "web1"), (10.4, "web2"), (11, "web1")], 0.4),
        ([(6, ""), (11, "")], None),
        ([], None),
    ],
)
def test_when_clients_reach_one_host_again(answers: list[tuple[float, str]], settled: float | None) -> None:
    data = outcome(*answers).as_json()
    assert data["settled_s"] == settled
    assert data["counts"] == "requests"


def test_a_stack_without_writes_has_no_ledger() -> None:
    """Positive control: S1 counts writes, at its directors, whichever component is asked."""
    from ops.components import components_of
    from ops.ledger.books import books_of
    from tests.ops.fakes import FakeShell

    for name in ("directors", "galera"):
        endpoint, found = books_of(components_of(stack.inventory())[name], FakeShell())
        assert (endpoint.port, found.noun) == (3306, "write")
    data = stack.inventory_data()
    data["components"]["directors"]["endpoints"] = {}
    without = parse(data, "test")
    with pytest.raises(OpsError):
        books_of(components_of(without)["galera"], FakeShell())
