"""The health agent: the verdict by table, its patience, and the real program over HTTP with MariaDB down."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import health_check
import pytest
from galera_state import http_get, load_config
from health_check import Checker, verdict
from mha_sql import SqlError

from tests.programs.conftest import PROGRAMS, Desk

GOOD: dict[str, Any] = {
    "draining": False,
    "running": True,
    "wsrep_ready": True,
    "cluster_status": "Primary",
    "local_state": 4,
    "local_state_comment": "Synced",
    "cluster_size": 3,
    "read_only": False,
    "reject_queries": "NONE",
    "missing_vips": [],
}
FIGURES = {
    "wsrep_ready": "ON",
    "wsrep_cluster_status": "Primary",
    "wsrep_cluster_state_uuid": "u",
    "wsrep_cluster_size": "3",
    "wsrep_local_state": "4",
    "wsrep_local_state_comment": "Synced",
    "read_only": "OFF",
    "wsrep_reject_queries": "NONE",
}


@pytest.mark.parametrize(
    ("change", "peers", "status", "words"),
    [
        ({}, [], 200, "Synced"),
        ({"draining": True, "draining_reason": "maintenance"}, [], 404, "maintenance"),
        ({"draining": True, "draining_reason": "roll", "running": False}, [], 404, "roll"),
        ({"running": False, "error": "Can't connect"}, [], 503, "Can't connect"),
        ({"cluster_status": "non-Primary"}, [], 503, "non-Primary"),
        ({"wsrep_ready": False}, [], 503, "wsrep_ready"),
        ({"read_only": True}, [], 503, "read_only"),
        ({"reject_queries": "ALL"}, [], 503, "wsrep_reject_queries"),
        ({"missing_vips": ["172.16.21.188"]}, [], 503, "172.16.21.188 is not on lo"),
        ({"local_state": 2, "local_state_comment": "Donor/Desynced"}, ["mdb2"], 404, "mdb2 is Synced"),
        ({"local_state": 2, "local_state_comment": "Donor/Desynced"}, [], 200, "donor"),
        ({"local_state": 3, "local_state_comment": "Joined"}, [], 503, "Joined"),
        ({"local_state": 1, "local_state_comment": "Joining"}, [], 503, "Joining"),
    ],
)
def test_verdict(change: dict[str, Any], peers: list[str], status: int, words: str) -> None:
    found = verdict({**GOOD, **change}, lambda: peers)
    assert found[0] == status
    assert words in found[1]


class Server:
    """Stands for MariaDB: answers after `delay` seconds, or with an error."""

    def __init__(self, figures: dict[str, str] | None = None, *, delay: float = 0.0) -> None:
        self.values, self.delay, self.asked = figures, delay, 0

    def figures(self) -> dict[str, str]:
        self.asked += 1
        time.sleep(self.delay)
        if self.values is None:
            raise SqlError("no such socket")
        return self.values


def checker(desk: Desk, server: Server) -> Checker:
    desk.galera_env()
    return Checker(load_config(), server)  # type: ignore[arg-type]


class Connection:
    """One to a server that may have been restarted since."""

    def __init__(self) -> None:
        self.alive = True

    def close(self) -> None:
        self.alive = False


def test_a_restarted_server_is_not_taken_for_a_dead_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Connection] = []
    up = True

    def connect(**_: Any) -> Connection:
        if not up:
            raise SqlError("no such socket")
        made.append(Connection())
        return made[-1]

    def values(connection: Connection) -> dict[str, str]:
        if not connection.alive:
            raise SqlError("server has gone away")
        return FIGURES

    monkeypatch.setattr(health_check, "connect", connect)
    monkeypatch.setattr(health_check, "wsrep_values", values)
    server = health_check.Server("mysql")
    assert server.figures() == FIGURES
    assert server.figures() == FIGURES
    assert len(made) == 1, "the connection is kept"
    made[0].alive = False
    assert server.figures() == FIGURES
    assert len(made) == 2
    made[1].alive, up = False, False
    for _ in range(2):
        with pytest.raises(SqlError, match="no such socket"):
            server.figures()


def test_healthy_state(desk: Desk) -> None:
    found = checker(desk, Server(FIGURES)).get()
    assert found
    state, answer = found
    assert answer == (200, "ok: Synced, cluster of 3")
    assert (state["running"], state["wsrep_ready"], state["local_state"], state["read_only"]) == (True, True, 4, False)


def test_many_probes_share_one_check(desk: Desk) -> None:
    server = Server(FIGURES, delay=0.1)
    one = checker(desk, server)
    threads = [threading.Thread(target=one.get) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.asked <= 2


def test_a_roll_at_work_keeps_clients_away_one_that_was_cut_short_does_not(desk: Desk) -> None:
    desk.write("/proc/1/cmdline", "/sbin/init\0")
    desk.write("/var/lib/mariadb-ha/draining", "roll: a change of the configuration, boot=boot-1 pid=77\n")
    process = desk.write("/proc/77/cmdline", "python3\0/usr/local/lib/mariadb-ha/galera-roll\0")
    one = checker(desk, Server(FIGURES))
    found = one.get()
    assert found
    assert (found[1][0], found[0]["rolling"], found[0]["roll_cut_short"]) == (404, True, False)
    process.unlink()
    time.sleep(0.35)
    found = one.get()
    assert found
    assert (found[1][0], found[0]["rolling"], found[0]["roll_cut_short"], found[0]["draining"]) == (200, False, True, False)


DONOR = {**FIGURES, "wsrep_local_state": "2", "wsrep_local_state_comment": "Donor/Desynced"}
SYNCED_PEER = {"local_state": 4, "cluster_status": "Primary", "draining": False, "vip_on_lo": False, "status": 200}


@pytest.mark.parametrize(
    ("vips", "peer", "status"),
    [
        ("", SYNCED_PEER, 404),
        ("", None, 200),
        ("172.16.21.188", SYNCED_PEER, 200),
        ("172.16.21.188", {**SYNCED_PEER, "vip_on_lo": True}, 404),
        ("172.16.21.188", {**SYNCED_PEER, "vip_on_lo": True, "status": 503}, 200),
        ("172.16.21.188", {**SYNCED_PEER, "vip_on_lo": True, "draining": True, "status": 404}, 200),
    ],
    ids=["no VIP", "alone", "the other is no real server", "the other is one", "the other takes no clients", "the other is draining"],
)
def test_a_donor_keeps_clients_away_only_where_others_take_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, vips: str, peer: dict[str, Any] | None, status: int
) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", f'VIPS="{vips}"\n')
    monkeypatch.setattr(health_check, "addresses", lambda: [("lo", vips)])
    monkeypatch.setattr(health_check, "ask_peers", lambda _config, **_: {"mdb2": peer})
    found = checker(desk, Server(DONOR)).get()
    assert found
    state, answer = found
    assert answer[0] == status
    assert state["status"] == status


def test_a_check_that_hangs_does_not_hang_the_probe(desk: Desk) -> None:
    one = checker(desk, Server(FIGURES, delay=3))
    began = time.monotonic()
    assert one.get() is None
    assert time.monotonic() - began < 1.0


def test_an_answer_is_not_older_than_promised(desk: Desk) -> None:
    server = Server(FIGURES)
    one = checker(desk, server)
    assert one.get()
    server.values = None
    time.sleep(0.35)
    found = one.get()
    assert found
    assert found[1][0] == 503


def test_a_garbled_environment_is_an_answer_too(desk: Desk) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", "nonsense\n")
    found = checker(desk, Server(FIGURES)).get()
    assert found
    assert found[1][0] == 503
    assert "realserver.env" in found[1][1]


def test_real_server_needs_its_vip(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="172.16.21.188 127.0.0.1"\n')
    assert health_check.missing_vips() == ["172.16.21.188"]
    monkeypatch.setattr(health_check, "addresses", lambda: [("eth0", "172.16.21.188"), ("lo", "127.0.0.1")])
    assert health_check.missing_vips() == ["172.16.21.188"], "on eth0 it is a director's, not a real server's"


def test_addresses_are_the_kernels() -> None:
    assert ("lo", "127.0.0.1") in health_check.addresses()


@pytest.fixture
def agent(desk: Desk) -> Iterator[int]:
    """The program itself; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    desk.galera_env(port=port)
    command = [sys.executable, str(PROGRAMS / "health-agent"), "--address", "127.0.0.1"]
    with subprocess.Popen(command, env=desk.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "health of mdb1" in process.stdout.readline()
        yield port
        process.terminate()
        assert process.stderr
        assert process.stderr.read() == ""


def test_http_with_mariadb_down(desk: Desk, agent: int) -> None:
    desk.write("/var/lib/mysql/grastate.dat", "uuid: aaaaaaaa-0000-0000-0000-000000000001\nseqno: 5\nsafe_to_bootstrap: 1\n")
    status, words = http_get("127.0.0.1", agent, "/", timeout=3)
    assert status == 503
    assert words.count("\n") == 1
    assert "MariaDB does not answer" in words
    time.sleep(1)  # an answer may be as old as 0.3 s, on a busy machine a little more
    status, body = http_get("127.0.0.1", agent, "/state", timeout=3)
    state = json.loads(body)
    assert status == 200
    assert state["grastate"] == {"uuid": "aaaaaaaa-0000-0000-0000-000000000001", "seqno": 5, "safe_to_bootstrap": 1}
    assert {"node", "running", "wsrep_ready", "cluster_status", "cluster_state_uuid", "local_state", "local_state_comment"} <= set(state)
    assert {"cluster_size", "read_only", "draining", "vip_on_lo", "gvwstate", "boot_id", "recovered"} <= set(state)
    assert http_get("127.0.0.1", agent, "/etc/passwd", timeout=3)[0] == 404


def test_port_scans_and_nonsense_do_not_stop_it(agent: int) -> None:
    for _ in range(50):
        socket.create_connection(("127.0.0.1", agent), timeout=3).close()
    silent = [socket.create_connection(("127.0.0.1", agent), timeout=3) for _ in range(20)]
    with socket.create_connection(("127.0.0.1", agent), timeout=3) as rude:
        rude.sendall(b"\x16\x03\x01\x00" + b"\xff" * 500 + b"\r\n\r\n")
    began = time.monotonic()
    assert http_get("127.0.0.1", agent, "/", timeout=3)[0] == 503
    assert time.monotonic() - began < 1.5
    for connection in silent:
        connection.close()
