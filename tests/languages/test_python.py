"""examples/application: its stack beside a stand-in, and the pool that takes what the stack advises."""

from __future__ import annotations

import importlib.util
import socket
import socketserver
import sys
import threading
import time
from types import ModuleType

import pymysql
import pytest

from plan.build import make_plan
from plan.parts.client_options import client_options
from tests.conftest import ROOT
from tests.golden.stacks import STACKS
from tests.languages.standin import PASSWORD, QUOTED, Backend, contract

ADVISED = {
    "connect_timeout_s": 2.0,
    "read_timeout_s": 31.0,
    "retry_for_s": 40.0,
    "retry_pause_s": 0.2,
    "pool_recycle_s": 300.0,
    "pool_pre_ping": True,
}


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example's module."""
    return module_of("pool", monkeypatch)


def module_of(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the example, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / f"examples/application/{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_the_stack_gives_a_whole_url_as_a_secret_and_the_advice_in_clear(backend: Backend, pool: ModuleType) -> None:
    name = backend.example("application")
    said = backend.pulumi(name, "up", "--yes")
    assert PASSWORD not in said
    assert QUOTED not in said
    assert backend.output(name)["database_url"] == "[secret]"
    made = backend.output(name, "--show-secrets")
    assert made["database_url"] == f"mysql+pymysql://app:{QUOTED}@172.16.21.188:3306/app"
    assert made["database_options"] == contract()["client_options"]
    found = pool.Pool(made["database_url"], pool.Options.of(made["database_options"]), size=1).asked
    assert (found["user"], found["password"], found["host"], found["port"], found["database"]) == (
        ("app", PASSWORD, "172.16.21.188", 3306, "app")
    )


def test_sessions_wait_as_long_as_the_stack_advises(pool: ModuleType) -> None:
    asked = pool.Pool("mysql+pymysql://u:p@db:3306/app", pool.Options.of(ADVISED), size=1).asked
    assert (asked["connect_timeout"], asked["read_timeout"], asked["write_timeout"]) == (2.0, 31.0, 31.0)


def test_statements_are_sent_again_as_long_as_the_stack_advises(
    pool: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, pauses = [1000.0], []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds

    def refused(**_: object) -> None:
        raise pymysql.OperationalError(2003, "no route")

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(pymysql, "connect", refused)
    made = pool.Pool("mysql+pymysql://u:p@db:3306/app", pool.Options.of(ADVISED), size=1)
    with pytest.raises(pool.Unavailable, match="no route"):
        made.run("SELECT 1")
    assert set(pauses) == {ADVISED["retry_pause_s"]}
    assert clock[0] - 1000.0 == pytest.approx(ADVISED["retry_for_s"], abs=0.5)


@pytest.mark.parametrize("name", STACKS)
def test_the_pool_understands_the_advice_of_every_stack(pool: ModuleType, name: str) -> None:
    if advised := client_options(make_plan(STACKS[name]())):
        assert pool.Options.of(advised).patience == advised["retry_for_s"]
    else:
        assert "writer" not in make_plan(STACKS[name]()).endpoints


class Session:
    """Stands for one with the database; a dead one answers nothing."""

    def __init__(self, alive: bool) -> None:
        self.alive = alive

    def ping(self, *, reconnect: bool) -> None:
        assert not reconnect
        if not self.alive:
            raise pymysql.OperationalError(2006, "gone away")

    def cursor(self) -> Session:
        self.ping(reconnect=False)
        return self

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, *_: object) -> None:
        pass

    def fetchall(self) -> list[tuple[int]]:
        return [(1,)]

    def close(self) -> None:
        self.alive = False


@pytest.mark.parametrize("ping", [True, False])
def test_an_idle_session_is_asked_first_where_the_stack_advises_it(
    pool: ModuleType, monkeypatch: pytest.MonkeyPatch, ping: bool
) -> None:
    monkeypatch.setattr(pymysql, "connect", lambda **_: Session(alive=True))
    options = pool.Options.of({**ADVISED, "retry_for_s": -1.0, "pool_pre_ping": ping})
    made = pool.Pool("mysql+pymysql://u:p@db:3306/app", options, size=2)
    for _ in range(2):
        made.idle.put_nowait((time.monotonic(), Session(alive=False)))
    if ping:
        assert made.run("SELECT 1") == [(1,)]
        assert made.idle.qsize() == 1, "the other idle one led to the same server: it is forgotten unasked"
    else:
        with pytest.raises(pool.Unavailable, match="gone away"):
            made.run("SELECT 1")


class Echo(socketserver.BaseRequestHandler):
    """Stands for the server at the far end of the line."""

    def handle(self) -> None:
        while data := self.request.recv(100):
            self.request.sendall(data)


def echoed(session: socket.socket, *, patience: float = 0.2) -> bool:
    """Whether it answers within so many seconds. A silent one says nothing; one that is ended says so."""
    session.settimeout(patience)
    session.sendall(b"x")
    try:
        if session.recv(1) == b"x":
            return True
    except TimeoutError:
        return False
    raise ConnectionResetError


def test_the_line_to_the_server_is_cut_as_by_a_failover(monkeypatch: pytest.MonkeyPatch) -> None:
    line = module_of("line", monkeypatch)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with line.Line(*server.server_address) as cut:

            def session() -> socket.socket:
                return socket.create_connection(("127.0.0.1", cut.port), timeout=5)

            with session() as before:
                assert echoed(before, patience=60)
                cut.cut("is silent")
                assert not echoed(before)
                with session() as meanwhile:
                    assert not echoed(meanwhile)
                cut.mend()
                assert not echoed(before), "it led to the server that is gone"
            with session() as stopped:
                assert echoed(stopped, patience=60)
                cut.cut("refuses")
                with pytest.raises(OSError):
                    echoed(stopped)
                with pytest.raises(ConnectionRefusedError):
                    session()
            cut.mend()
            with session() as after:
                assert echoed(after, patience=60)
        server.shutdown()
