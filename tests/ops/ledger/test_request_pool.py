"""Clients of pages that keep their connections: what a visitor sees of a stop, and what a pool keeps from him; and the
ledger of a stack without SQL."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ops.errors import Exit, OpsError
from ops.inventory import Endpoint, parse
from ops.ledger import watch
from ops.ledger.addresses import clients_component
from ops.ledger.client import Events, Shared
from ops.ledger.history import History
from ops.ledger.pages import PageTarget
from ops.ledger.request_pool import PooledRequester, RequestPool
from ops.ledger.watch import Watch
from ops.ledger.writes import Result
from tests.ops import stack, web
from tests.ops.fakes import FakeShell

LOOPBACK = "127.0.0.1"


class Server(ThreadingHTTPServer):
    """Answers as told: `cut` connections end without an answer."""

    daemon_threads = True
    status, cut = 200, 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        if self.server.cut:
            self.server.cut -= 1
            self.close_connection = True
            return
        self.send_response(self.server.status)
        self.send_header("X-Served-By", "web1")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"page")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server((LOOPBACK, 0), Handler)
    threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def client(server: Server, tmp_path: Path) -> PooledRequester:
    """One client, whose work the tests do step by step."""
    history = History(tmp_path / "history.jsonl")
    events = Events(history=history, began=time.monotonic(), attempts=[], sessions=[], failures=[])
    target = PageTarget(endpoint=Endpoint(host=LOOPBACK, port=server.server_address[1]), tls=False)
    shared = Shared(target=target, events=events, stop=threading.Event(), numbers=itertools.count(1))
    made = PooledRequester("b1", None, 5.0, shared, pause=0.0, lifetime=1e9)
    assert made.open()
    return made


def fates(client: PooledRequester) -> list[tuple[Result, str]]:
    return [(attempt.result, attempt.server) for attempt in client.events.attempts]


def test_a_connection_is_kept(client: PooledRequester) -> None:
    for _ in range(3):
        client.work()
    assert fates(client) == [(Result.ACKED, "web1")] * 3
    assert client.counts == {"opened": 1}


def test_a_dead_connection_is_replaced_once_and_its_request_sent_again(client: PooledRequester, server: Server) -> None:
    client.work()
    server.cut = 1
    client.work()
    assert fates(client) == [(Result.ACKED, "web1")] * 2
    assert (client.counts["replaced"], client.counts["request"], client.events.failures) == (1, 0, [])


def test_what_fails_again_is_a_failure(client: PooledRequester, server: Server) -> None:
    client.work()
    server.cut = 2
    client.work()
    assert fates(client) == [(Result.ACKED, "web1"), (Result.UNKNOWN, "")]
    assert (client.counts["replaced"], client.counts["request"]) == (1, 1)
    assert client.session is None


def test_a_new_connection_that_dies_is_a_failure_at_once(client: PooledRequester, server: Server) -> None:
    server.cut = 1
    client.work()
    assert fates(client) == [(Result.UNKNOWN, "")]
    assert (client.counts["replaced"], client.counts["request"]) == (0, 1)


def test_nobody_there_is_a_failed_connection(client: PooledRequester, server: Server) -> None:
    client.work()
    server.shutdown()
    server.server_close()
    client.session.close()
    client.session.sock = None
    client.session.auto_open = 0
    client.work()
    assert fates(client)[1:] == [(Result.UNKNOWN, "")]
    assert client.counts["connect"] == 1


def test_an_error_of_the_server_is_a_failure_of_the_request_alone(client: PooledRequester, server: Server) -> None:
    server.status = 502
    client.work()
    assert fates(client) == [(Result.REFUSED, "web1")]
    assert (client.counts["request"], client.session is None) == (1, False)


def test_an_old_connection_is_renewed(client: PooledRequester) -> None:
    client.work()
    client.lifetime = -1.0
    client.work()
    assert client.counts == {"opened": 2, "recycled": 1}
    assert fates(client) == [(Result.ACKED, "web1")] * 2


def web_inventory(port: int) -> Any:
    data = web.inventory_data()
    endpoint = {"host": LOOPBACK, "port": port}
    data["endpoints"]["web"] = data["components"]["web"]["endpoints"]["web"] = endpoint
    for host in data["hosts"].values():
        host["address"] = LOOPBACK
    return parse(data, "test")


def test_the_ledger_of_a_web_pair_counts_requests(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def until_some(seconds: float | None, meanwhile: Callable[[], object]) -> str:
        meanwhile()
        return "Enter"

    monkeypatch.setattr(watch, "wait_for_end", until_some)
    said: list[str] = []
    component = clients_component(web_inventory(server.server_address[1]))
    made = Watch(component=component, shell=FakeShell(), directory=tmp_path, say=said.append, seconds=None)
    assert made.workload_type is RequestPool
    made.fresh = 1e9
    made.check()
    outcome = made.run()
    data = outcome.as_json()
    assert (data["passed"], data["counts"], data["nodes_equal"]) == (True, "requests", True)
    assert data["writes_acked"] >= len(RequestPool(None, [], History(tmp_path / "other.jsonl")).clients)
    text = "\n".join(outcome.lines())
    assert "request gap " in text
    assert "without an answered request" in text
    assert "write" not in text.split("timeline")[0], text
    assert any("clients started, each has had a request answered" in words for words in said)


def test_writes_are_counted_where_there_is_sql_beside_pages() -> None:
    data, pair = stack.inventory_data(), web.inventory_data()
    data["components"] |= pair["components"]
    data["hosts"] |= pair["hosts"]
    data["endpoints"]["web"] = pair["endpoints"]["web"]
    assert clients_component(parse(data, "test")).pages() is None


def test_a_stack_with_neither_says_what_it_lacks() -> None:
    data = stack.inventory_data()
    del data["endpoints"]["writer"]
    with pytest.raises(OpsError, match="no VIP that clients could write through, and no pages") as caught:
        clients_component(parse(data, "test"))
    assert caught.value.code is Exit.REFUSED
