"""drain-watch: what the agents say becomes the word that keepalived reads; without an answer the last one holds."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from server_port import Pace, Port, shut

from tests.programs.conftest import PROGRAMS, Desk


class Agent:
    """A health agent that says what the test says, on 127.0.0.1 or another address of lo."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self.listener = socket.create_server((address, port))
        self.listener.settimeout(10)
        self.port = self.listener.getsockname()[1]
        self.asker: socket.socket | None = None

    def accept(self) -> None:
        self.asker, _ = self.listener.accept()
        self.asker.settimeout(10)
        assert self.asker.recv(100) == b"GET /watch HTTP/1.0\r\n\r\n"
        self.asker.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n")

    def say(self, words: str) -> None:
        assert self.asker
        self.asker.sendall(words.encode())

    def hang_up(self) -> None:
        assert self.asker
        self.asker.close()


@pytest.fixture
def agent() -> Iterator[Agent]:
    found = Agent()
    yield found
    found.listener.close()


@contextmanager
def watch(
    desk: Desk, agent: Agent, more: str = "", servers: str = "mdb2=127.0.0.1", **env: str
) -> Iterator[subprocess.Popen[str]]:
    """The program itself, watching one server. `more`: lines of director.env."""
    desk.write(
        "/etc/mariadb-ha/director.env",
        f'VIPS="172.16.21.188"\nPORT=3306\nSERVERS="{servers}"\nAGENT_PORT={agent.port}\n{more}',
    )
    command = [sys.executable, str(PROGRAMS / "drain-watch")]
    with subprocess.Popen(
        command, env={**desk.env, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            assert process.stderr
            assert process.stderr.read() == ""


def word(desk: Desk, server: str = "mdb2") -> str:
    file = desk.path(f"/run/mariadb-ha/servers/{server}")
    return file.read_text() if file.exists() else ""


def is_out(desk: Desk, server: str) -> bool:
    return desk.path(f"/run/mariadb-ha/out/{server}").read_text().strip() != "0"


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_each_verdict_has_its_word(desk: Desk, agent: Agent) -> None:
    with watch(desk, agent):
        agent.accept()
        for verdict, value in (
            ("200 ok: Synced", "0"),
            ("404 draining: x", "-1"),
            ("200 ok", "0"),
            ("503 read_only is ON", "-1"),
            ("200 ok", "0"),
        ):
            agent.say(f"{verdict}\n")
            until(lambda value=value: word(desk) == value)  # type: ignore[misc]
    assert [file.name for file in desk.path("/run/mariadb-ha/servers").iterdir()] == ["mdb2"], (
        "nothing half-written is left"
    )


def test_a_late_mariadb_and_half_a_line_change_nothing(desk: Desk, agent: Agent) -> None:
    with watch(desk, agent):
        agent.accept()
        agent.say("200 ok\n404 drain")
        until(lambda: word(desk) == "0")
        agent.say("ing\n504 MariaDB did not answer in time\nnonsense\n")
        until(lambda: word(desk) == "-1")
        agent.say("504 MariaDB did not answer in time\n")
        time.sleep(0.3)
        assert word(desk) == "-1"


def test_the_last_word_holds_while_an_agent_is_away(desk: Desk, agent: Agent) -> None:
    """An agent that restarts while its node drains must not give it weight;
    the same when drain-watch itself restarts.
    """
    with watch(desk, agent):
        agent.accept()
        agent.say("404 draining: x\n")
        until(lambda: word(desk) == "-1")
        agent.hang_up()
        agent.accept()
        assert word(desk) == "-1"
        agent.say("200 ok\n")
        until(lambda: word(desk) == "0")
        agent.say("404 draining: x\n")
        until(lambda: word(desk) == "-1")
    with watch(desk, agent):
        agent.accept()
        assert word(desk) == "-1"


def test_an_agent_that_falls_silent_is_asked_anew(desk: Desk, agent: Agent) -> None:
    with watch(desk, agent) as process:
        agent.accept()
        agent.say("200 ok\n")
        until(lambda: word(desk) == "0")
        agent.accept()
        agent.say("404 draining: x\n")
        until(lambda: word(desk) == "-1")
        agent.say("200 ok\n")  # its line comes after the file's change: the next change shows that the first was told
        until(lambda: word(desk) == "0")
        process.terminate()
        assert process.stdout
        said = process.stdout.read()
    assert "mdb2: its health agent (127.0.0.1:" in said
    assert "mdb2: its health agent answers again" in said
    assert "mdb2: no new clients (404 draining: x)" in said


def test_servers_that_are_none_any_more_are_forgotten(desk: Desk, agent: Agent) -> None:
    desk.write("/run/mariadb-ha/servers/mdb9", "-1")
    with watch(desk, agent):
        agent.accept()
        until(lambda: not desk.path("/run/mariadb-ha/servers/mdb9").exists())


def test_the_watchdog_hears_of_each_round(desk: Desk, agent: Agent, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        path = os.path.relpath(tmp_path / "notify")
        systemd.bind(path)
        systemd.settimeout(15)
        with watch(desk, agent, NOTIFY_SOCKET=str(tmp_path / "notify")):
            agent.accept()
            for _ in range(2):
                assert b"WATCHDOG=1" in systemd.recv(100)


def test_one_that_is_silent_beside_one_that_speaks_is_out(desk: Desk, agent: Agent) -> None:
    """It was heard, then is not; it has its place again with its next word."""
    silent = Agent("127.0.0.2", agent.port)
    timers = "CHECK_LOOP=0.1\nCONNECT_TIMEOUT=0.3\nLATE_HOLD=0.5\n"
    try:
        with watch(desk, agent, timers, "mdb2=127.0.0.1 mdb3=127.0.0.2"):
            agent.accept()
            silent.accept()
            assert is_out(desk, "mdb2"), "nobody has a place before the first word"
            for one in (agent, silent):
                one.say("200 ok\n")
            until(lambda: not is_out(desk, "mdb2") and not is_out(desk, "mdb3"))
            while not is_out(desk, "mdb3"):
                agent.say("200 ok\n")
                time.sleep(0.2)
            assert not is_out(desk, "mdb2")
            assert word(desk, "mdb3") == "-1"
            silent.say("200 ok\n")
            until(lambda: not is_out(desk, "mdb3"))
    finally:
        silent.listener.close()


def test_the_last_one_is_told_of_while_it_is_silent(desk: Desk, agent: Agent) -> None:
    def said() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(desk.path("/run/mariadb-ha/kept.json").read_text())
        return found

    with watch(desk, agent, "CHECK_LOOP=0.1\nCONNECT_TIMEOUT=0.3\nLATE_HOLD=0.5\n"):
        agent.accept()
        heard = time.monotonic()
        agent.say("200 ok\n")
        until(lambda: not is_out(desk, "mdb2"))
        assert said() == {}
        until(lambda: "mdb2" in said())
        assert said()["mdb2"]["what"] == "silent"
        assert heard <= said()["mdb2"]["since"] <= time.monotonic()
        assert not is_out(desk, "mdb2")
        agent.accept()
        agent.say("504 MariaDB did not answer in time\n")
        until(lambda: said()["mdb2"]["what"] == "late")
        agent.say("200 ok\n")
        until(lambda: said() == {})


def test_one_whose_agent_and_port_refuse_gets_no_new_clients(desk: Desk, agent: Agent) -> None:
    """Where its port still takes connections it is only the agent that starts anew."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with watch(desk, agent, f"SERVER_PORT={port}\n{FAST}"):
            agent.accept()
            agent.say("200 ok\n")
            until(lambda: word(desk) == "0")
            agent.listener.close()
            agent.hang_up()
            time.sleep(1)
            assert word(desk) == "0"
            listener.close()
            until(lambda: word(desk) == "-1")
    assert not is_out(desk, "mdb2"), "nobody else takes clients"


FAST = "DELAY_LOOP=0.1\nCONNECT_TIMEOUT=0.3\nRETRY=1\nDELAY_BEFORE_RETRY=0.1\n"


def closed_ports(desk: Desk) -> dict[str, str]:
    file = desk.path("/run/mariadb-ha/ports.json")
    return dict(json.loads(file.read_text())) if file.exists() else {}


def test_a_server_whose_port_refuses_gets_no_new_clients(desk: Desk, agent: Agent) -> None:
    """Whatever its agent says; and gets them again once somebody listens there."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with watch(desk, agent, f"SERVER_PORT={port}\n{FAST}"):
        agent.accept()
        agent.say("200 ok\n")
        until(lambda: word(desk) == "0")
        listener.close()
        until(lambda: word(desk) == "-1")
        assert closed_ports(desk) == {"mdb2": "connection refused"}
        agent.say("200 ok\n")
        time.sleep(0.3)
        assert word(desk) == "-1", "the agent's word does not open a port"
        with socket.create_server(("127.0.0.1", port)):
            until(lambda: word(desk) == "0")
            assert closed_ports(desk) == {}
            agent.say("404 draining: x\n")
            until(lambda: word(desk) == "-1")


def test_the_server_never_sees_the_look(desk: Desk, agent: Agent) -> None:
    """MariaDB would log each connection that says nothing, and count it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with watch(desk, agent, f"SERVER_PORT={listener.getsockname()[1]}\n{FAST}"):
            agent.accept()
            agent.say("200 ok\n")
            until(lambda: word(desk) == "0")
            time.sleep(0.5)
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def port_of(words: str | None, *, refused: bool = False, failures: int = 0) -> Port:
    return Port("127.0.0.1", 3306, words=words, refused=refused, failures=failures)


@pytest.mark.parametrize(
    ("mine", "others", "expected"),
    [
        (port_of(""), [], False),
        (port_of(None), [port_of("")], False),
        (port_of("connection refused", refused=True), [], True),
        (port_of("no answer in 1 s"), [port_of("")], True),
        (port_of("no answer in 1 s"), [port_of("no answer in 1 s"), port_of("")], True),
        (port_of("no answer in 1 s"), [], False),
        (port_of("no answer in 1 s"), [port_of("no answer in 1 s")], False),
        (port_of("no answer in 1 s"), [port_of("connection refused", refused=True)], False),
        (port_of("no answer in 1 s"), [port_of(None)], False),
        (port_of("no answer in 1 s"), [port_of("", failures=1)], False),
    ],
)
def test_silence_takes_nobodys_last_server(mine: Port, others: list[Port], expected: bool) -> None:
    """All that stall at once keep their places; a plain no counts by itself."""
    assert shut(mine, others) is expected


def test_a_silent_port_counts_after_as_many_looks_as_keepalived_makes() -> None:
    one = Port("127.0.0.1", 1, Pace(delay_loop=5.0, connect_timeout=1.0, retry=2, delay_before_retry=0.5))
    one.words, moment = "", 100.0
    for looks in (1, 2, 3):
        one.begin(moment)
        assert one.connection
        assert not one.late(moment + 0.9)
        assert one.late(moment + 1.1)
        one.end(moment + 1.1, errno.ETIMEDOUT)
        assert one.words == ("no answer in 1 s" if looks == 3 else "")
        assert one.due == (moment + 5.0 if looks == 3 else moment + 1.6)
        moment = one.due
    one.begin(moment)
    one.end(moment, 0)
    assert (one.open, one.failures) == (True, 0)
