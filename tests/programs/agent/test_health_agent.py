"""The health agent: the verdict by table, its patience, and the real program over HTTP with MariaDB down."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import check_galera
import check_realserver
import data_volume
import health_look
import mha_sql
import pytest
from agent_http import KEEP, REFUSE, SERVE, http_get
from check_galera import GaleraCheck
from check_realserver import RealServerCheck
from galera_state import load_config
from health_check import Check
from health_look import Checker, Look, verdict
from mha_sql import SqlError

from plan.programs import program_files
from tests.programs.conftest import PROGRAMS, Desk

GOOD: dict[str, Any] = {
    "draining": False,
    "running": True,
    "wsrep_ready": True,
    "cluster_status": "Primary",
    "local_state": 4,
    "local_state_comment": "Synced",
    "cluster_size": 3,
    "data_nodes": 3,
    "members": "cluster of 3",
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
def test_verdict(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], peers: list[str], status: int, words: str
) -> None:
    monkeypatch.setattr(GaleraCheck, "better_peers", lambda _self, **_: peers)
    found = verdict({**GOOD, **change}, checks(desk, Server()))
    assert found[0] == status
    assert words in found[1]


class Server:
    """Stands for MariaDB: answers after `delay` seconds, or with an error."""

    def __init__(self, figures: dict[str, str] | None = None, *, delay: float = 0.0) -> None:
        self.values, self.delay, self.asked = figures, delay, 0
        self.kept: socket.socket | None = None

    def figures(self) -> dict[str, str]:
        self.asked += 1
        time.sleep(self.delay)
        if self.values is None:
            raise SqlError("no such socket")
        return self.values

    def socket(self) -> socket.socket | None:
        return self.kept

    def close(self) -> None:
        self.kept = None


def checks(desk: Desk, server: Server) -> list[Check]:
    """Those of a Galera node that is a real server."""
    desk.galera_env()
    return [GaleraCheck(load_config(), server), RealServerCheck()]  # type: ignore[arg-type]


def checker(desk: Desk, server: Server, **given: Any) -> Checker:
    """One that looks in its thread."""
    found = Checker(checks(desk, server), **given)
    found.start()
    return found


def until(ask: Callable[[], Any], seconds: float = 5.0) -> Any:
    """What `ask` says, as soon as it says anything true."""
    end = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.01)
    return found


def judged(desk: Desk, server: Server) -> Look:
    """One look."""
    return Checker(checks(desk, server)).judge()


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

    monkeypatch.setattr(mha_sql, "connect", connect)
    server = mha_sql.KeptConnection("mysql", values)  # type: ignore[arg-type]
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
    found = judged(desk, Server(FIGURES))
    assert found.answer == (200, "ok: Synced, cluster of 3")
    state = found.state
    assert (state["running"], state["wsrep_ready"], state["local_state"], state["read_only"]) == (True, True, 4, False)


def test_one_look_a_second_whoever_asks(desk: Desk) -> None:
    server = Server(FIGURES)
    one = checker(desk, server)
    began = time.monotonic()
    until(one.answer)
    for _ in range(300):
        one.wanted()
        assert one.answer() == (200, "ok: Synced, cluster of 3"), "at once"
        time.sleep(0.005)
    assert 2 <= server.asked <= 2 + time.monotonic() - began, "one more may have been wanted before the first had ended"


def test_mariadb_that_closes_the_connection_is_looked_at_at_once(desk: Desk) -> None:
    ours, theirs = socket.socketpair()
    server = Server(FIGURES)
    server.kept = ours
    one = checker(desk, server, period=60.0)
    until(one.answer)
    server.values = None
    theirs.close()
    found = until(lambda: (answer := one.answer()) and answer[0] == 503 and answer)
    assert "no such socket" in found[1]
    time.sleep(0.2)
    assert server.asked == 2, "and not again and again"


@pytest.mark.parametrize(("figures", "held"), [(FIGURES, 200), ({**FIGURES, "wsrep_ready": "OFF"}, None)])
def test_a_late_server_keeps_its_place_for_a_while(desk: Desk, figures: dict[str, str], held: int | None) -> None:
    """Slow is not dead; what must not serve gets no place by being slow, and one that hangs for good loses it."""
    server = Server(figures)
    one = checker(desk, server, period=0.1, patience=0.3, hold=1.5)
    first = until(one.answer)
    server.delay = 30.0
    words = until(lambda: (answer := one.answer()) and "in time" in answer[1] and answer)
    if held:
        assert words == (200, f"{first[1]}; MariaDB did not answer in time: it keeps its place for 1.5 s")
        assert one.overdue(), "who watches hears that it is late"
    else:
        assert words == (503, "MariaDB did not answer in time")
    assert until(lambda: (answer := one.answer()) and answer[0] == 503 and answer)


def test_a_late_server_that_drains_is_not_held(desk: Desk) -> None:
    server = Server(FIGURES)
    one = checker(desk, server, period=0.1, patience=0.3, hold=60.0)
    until(one.answer)
    server.delay = 30.0
    until(lambda: (answer := one.answer()) and "keeps its place" in answer[1])
    desk.write("/var/lib/mariadb-ha/draining", "maintenance\n")
    assert one.answer() == (503, "MariaDB did not answer in time"), "what the last look saw is not so any more"


def test_a_flag_is_seen_by_whoever_asks_next(desk: Desk) -> None:
    one = checker(desk, Server(FIGURES), period=60.0)
    assert until(one.answer)[0] == 200
    flag = desk.write("/var/lib/mariadb-ha/draining", "maintenance\n")
    assert one.answer() is None, "what the last look saw is no answer any more"
    assert until(one.answer) == (404, "draining: maintenance")
    flag.unlink()
    assert until(one.answer)[0] == 200


def test_nobody_asks_nobody_looks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that serves nobody costs nothing; the first who asks again hears what is so now."""
    monkeypatch.setattr(health_look, "QUIET", 0.1)
    server = Server(FIGURES)
    one = checker(desk, server, period=0.2)
    until(lambda: one.asleep)
    asked = server.asked
    time.sleep(1.0)
    assert server.asked == asked
    assert not one.overdue(), "asleep is not late"
    server.values = None
    assert one.answer() is None
    # Asked again and again: with so short a QUIET one that waits silently finds it asleep once more.
    assert until(lambda: one.wanted() or one.answer())[0] == 503


def test_state_is_fresh(desk: Desk) -> None:
    one = checker(desk, Server(FIGURES), period=60.0)
    until(one.answer)
    now = time.monotonic()
    assert one.state(now) is None
    assert until(lambda: one.state(now))["cluster_size"] == 3


def test_a_roll_at_work_keeps_clients_away_one_that_was_cut_short_does_not(desk: Desk) -> None:
    desk.write("/proc/1/cmdline", "/sbin/init\0")
    desk.write(
        "/var/lib/mariadb-ha/draining", "roll: a change of the configuration by galera-roll, boot=boot-1 pid=77\n"
    )
    process = desk.write("/proc/77/cmdline", "python3\0/usr/local/lib/mariadb-ha/galera-roll\0")
    found = judged(desk, Server(FIGURES))
    assert (found.answer[0], found.state["rolling"], found.state["roll_cut_short"]) == (404, True, False)
    process.unlink()
    found = judged(desk, Server(FIGURES))
    assert (found.answer[0], found.state["rolling"], found.state["roll_cut_short"], found.state["draining"]) == (
        200,
        False,
        True,
        False,
    )


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
    ids=[
        "no VIP",
        "alone",
        "the other is no real server",
        "the other is one",
        "the other takes no clients",
        "the other is draining",
    ],
)
def test_a_donor_keeps_clients_away_only_where_others_take_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, vips: str, peer: dict[str, Any] | None, status: int
) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", f'VIPS="{vips}"\n')
    monkeypatch.setattr(check_realserver, "ipv4", lambda: [("lo", vips)])
    monkeypatch.setattr(check_galera, "ask_peers", lambda _config, **_: {"mdb2": peer})
    found = judged(desk, Server(DONOR))
    assert found.answer[0] == status
    assert found.state["status"] == status


REAL_PEER = {**SYNCED_PEER, "vip_on_lo": True, "full": False}


def full(connections: int, most: int = 200) -> dict[str, str]:
    return {**FIGURES, "threads_connected": str(connections), "max_connections": str(most)}


@pytest.mark.parametrize(
    ("vips", "peer", "answer"),
    [
        ("172.16.21.188", REAL_PEER, (404, "Synced, cluster of 3; full: 200 of 200 connections; mdb2 has room")),
        ("172.16.21.188", {**REAL_PEER, "full": True}, (200, "ok: Synced, cluster of 3; full: 200 of 200 connections")),
        (
            "172.16.21.188",
            {**REAL_PEER, "status": 404},
            (200, "ok: Synced, cluster of 3; full: 200 of 200 connections"),
        ),
        ("172.16.21.188", None, (200, "ok: Synced, cluster of 3; full: 200 of 200 connections")),
        ("", REAL_PEER, (200, "ok: Synced, cluster of 3; full: 200 of 200 connections")),
    ],
    ids=["another has room", "all are full", "the other takes no clients", "alone", "it holds a VIP of its own"],
)
def test_a_full_node_is_named_and_never_empties_the_pool(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, vips: str, peer: dict[str, Any] | None, answer: tuple[int, str]
) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", f'VIPS="{vips}"\n')
    monkeypatch.setattr(check_realserver, "ipv4", lambda: [("lo", vips)])
    monkeypatch.setattr(check_galera, "ask_peers", lambda _config, **_: {"mdb2": peer})
    found = judged(desk, Server(full(200)))
    assert found.answer == answer
    assert (found.state["connections"], found.state["max_connections"], found.state["full"]) == (200, 200, True)


@pytest.mark.parametrize(
    ("free", "peer", "status"),
    [(40, REAL_PEER, 404), (80, REAL_PEER, 200), (40, {**REAL_PEER, "volume_full": True}, 200), (40, None, 200)],
    ids=["another has room", "not full yet", "all are full", "alone"],
)
def test_a_node_whose_volume_fills_up_leaves_before_it_aborts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, free: int, peer: dict[str, Any] | None, status: int
) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="172.16.21.188"\n')
    monkeypatch.setattr(check_realserver, "ipv4", lambda: [("lo", "172.16.21.188")])
    monkeypatch.setattr(check_galera, "ask_peers", lambda _config, **_: {"mdb2": peer})
    space = SimpleNamespace(f_frsize=1024**2, f_blocks=2000, f_bavail=free)
    monkeypatch.setattr(data_volume.os, "statvfs", lambda _path: space)
    found = judged(desk, Server(FIGURES))
    assert found.answer[0] == status
    assert ("the volume of /var/lib/mysql is full: 40 of 2000 MiB left" in found.answer[1]) is (free == 40)
    assert (found.state["volume_mib"], found.state["volume_free_mib"]) == (2000, free)


def test_one_session_that_ends_makes_no_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_galera, "ask_peers", lambda _config, **_: {})
    server = Server()
    one = Checker(checks(desk, server))
    seen = []
    for connections in (199, 200, 199, 180, 179, 199):
        server.values = full(connections)
        seen.append(one.judge().state["full"])
    assert seen == [False, True, True, True, False, False]


def test_a_server_that_lets_not_even_the_agent_in_is_full_and_not_dead(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="172.16.21.188"\n')
    monkeypatch.setattr(check_realserver, "ipv4", lambda: [("lo", "172.16.21.188")])
    peers: dict[str, Any] = {}
    monkeypatch.setattr(check_galera, "ask_peers", lambda _config, **_: peers)

    def refuse(_self: Server) -> dict[str, str]:
        raise SqlError("Too many connections")

    monkeypatch.setattr(Server, "figures", refuse)
    assert judged(desk, Server()).answer == (200, "ok: full: it takes no connection more")
    peers["mdb2"] = REAL_PEER
    assert judged(desk, Server()).answer == (404, "full: it takes no connection more; mdb2 has room")


def test_a_look_that_hangs_is_told_in_time(desk: Desk) -> None:
    server = Server(FIGURES)
    one = checker(desk, server, period=0.3)
    until(lambda: one.answer() == (200, "ok: Synced, cluster of 3"))
    server.delay, began = 60.0, time.monotonic()
    assert (
        until(lambda: (answer := one.answer()) and answer[0] == 503 and answer, 30)[1]
        == "MariaDB did not answer in time"
    )
    assert time.monotonic() - began < 30


def test_a_garbled_environment_is_an_answer_too(desk: Desk) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", "nonsense\n")
    found = judged(desk, Server(FIGURES))
    assert found.answer[0] == 503
    assert "realserver.env" in found.answer[1]


def test_an_agent_that_cannot_look_any_more_ends(desk: Desk) -> None:
    """A fault of ours in the looking thread must not leave an agent that repeats its last word for ever."""
    program = (
        f"import sys, time; sys.path.insert(0, {str(PROGRAMS)!r})\n"
        "from health_check import Check\nfrom health_look import Checker\n"
        "class Faulty(Check):\n    def look(self): raise AttributeError('a fault')\n"
        "Checker([Faulty()]).start()\ntime.sleep(60)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=desk.env, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 1
    assert "AttributeError: a fault" in done.stderr


def test_real_server_needs_its_vip(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="172.16.21.188 127.0.0.1"\n')
    one = RealServerCheck()
    assert one.look() == {"vip_on_lo": False, "missing_vips": ["172.16.21.188"]}
    assert one.judge(one.look()) == (REFUSE, "172.16.21.188 is not on lo: start mariadb-ha-lvsdr")
    monkeypatch.setattr(check_realserver, "ipv4", lambda: [("eth0", "172.16.21.188"), ("lo", "127.0.0.1")])
    assert one.look()["missing_vips"] == ["172.16.21.188"], "on eth0 it is a director's, not a real server's"
    monkeypatch.setattr(check_realserver, "ipv4", lambda: [("lo", "172.16.21.188"), ("lo", "127.0.0.1")])
    assert one.look() == {"vip_on_lo": True, "missing_vips": []}
    assert one.judge(one.look())[0] == SERVE


def test_addresses_are_the_kernels() -> None:
    assert check_realserver.missing_vips(["127.0.0.1", "192.0.2.1"]) == ["192.0.2.1"]


class Says(Check):
    """A check with one verdict."""

    def __init__(self, status: int, words: str) -> None:
        self.found = status, words

    def judge(self, state: Any) -> tuple[int, str]:
        return self.found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([(SERVE, "a"), (SERVE, "b")], (SERVE, "a")),
        ([(SERVE, "a"), (KEEP, "b")], (KEEP, "b")),
        ([(KEEP, "a"), (REFUSE, "b"), (REFUSE, "c")], (REFUSE, "b")),
    ],
)
def test_the_worst_verdict_counts(said: list[tuple[int, str]], found: tuple[int, str]) -> None:
    assert verdict({"draining": False}, [Says(*one) for one in said]) == found
    assert verdict({"draining": True}, [Says(*one) for one in said]) == (KEEP, "draining: no reason given")


def test_a_coming_kind_adds_a_check_without_touching_the_agent(desk: Desk, tmp_path: Path) -> None:
    """The agent's own programs and one module of another role: nothing of Galera, nothing of LVS."""
    lay(tmp_path, "host", "agent")
    module = tmp_path / "check_web.py"
    module.write_text(
        "from agent_http import KEEP\nfrom health_check import Check\n"
        "class Web(Check):\n"
        "    def look(self): return {'pages': 3}\n"
        "    def judge(self, state): return KEEP, f\"{state['pages']} pages\"\n"
        "def make(): return Web()\n"
    )
    with served(desk, tmp_path) as port:
        assert http_get("127.0.0.1", port, "/", timeout=3) == (404, "3 pages\n")
        state = json.loads(http_get("127.0.0.1", port, "/state", timeout=3)[1])
        assert (state["pages"], state["status"], state["draining"]) == (3, 404, False)
    module.unlink()
    command = [sys.executable, str(tmp_path / "health-agent")]
    done = subprocess.run(command, env=desk.env, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1
    assert "no check module" in done.stderr


@contextmanager
def served(desk: Desk, folder: Path) -> Iterator[int]:
    """The agent of a folder at work; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    desk.galera_env(port=port)
    command = [sys.executable, str(folder / "health-agent"), "--address", "127.0.0.1"]
    with subprocess.Popen(command, env=desk.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "health of mdb1" in process.stdout.readline()
        yield port
        process.terminate()
        assert process.stderr
        assert process.stderr.read() == ""


def lay(folder: Path, *roles: str) -> Path:
    """The programs of these roles side by side, as on a server that has them."""
    for file in (file for role in roles for file in program_files(role)):
        (folder / Path(file.path).name).write_text(file.content)
    return folder


@pytest.fixture
def agent(desk: Desk, tmp_path: Path) -> Iterator[int]:
    """The program itself with the checks of a real server that is a Galera node; its port."""
    programs = tmp_path / "programs"
    programs.mkdir()
    with served(desk, lay(programs, "host", "agent", "mariadb", "galera", "realserver")) as port:
        yield port


def test_http_with_mariadb_down(desk: Desk, agent: int) -> None:
    desk.write(
        "/var/lib/mysql/grastate.dat", "uuid: aaaaaaaa-0000-0000-0000-000000000001\nseqno: 5\nsafe_to_bootstrap: 1\n"
    )
    status, words = http_get("127.0.0.1", agent, "/", timeout=3)
    assert status == 503
    assert words.count("\n") == 1
    assert "MariaDB d" in words
    status, body = http_get("127.0.0.1", agent, "/state", timeout=3)
    state = json.loads(body)
    assert status == 200
    assert state["grastate"] == {"uuid": "aaaaaaaa-0000-0000-0000-000000000001", "seqno": 5, "safe_to_bootstrap": 1}
    assert {
        "node",
        "running",
        "wsrep_ready",
        "cluster_status",
        "cluster_state_uuid",
        "local_state",
        "local_state_comment",
    } <= set(state)
    assert {"cluster_size", "read_only", "draining", "vip_on_lo", "gvwstate", "boot_id", "recovered"} <= set(state)
    assert http_get("127.0.0.1", agent, "/etc/passwd", timeout=3)[0] == 404


def raw(port: int, path: str) -> str:
    """All that is answered, as it is."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        one.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return b"".join(iter(lambda: one.recv(4096), b"")).decode()


def judged_as(status: int, hangs: Path) -> str:
    """A check that says this, and hangs while there is that file."""
    return (
        "import time\nfrom pathlib import Path\nfrom health_check import Check\n"
        "class One(Check):\n    what = 'it'\n"
        f"    def look(self):\n        while Path({str(hangs)!r}).exists(): time.sleep(0.01)\n        return {{}}\n"
        f"    def judge(self, state): return {status}, 'as told'\n"
        "def make(): return One()\n"
    )


@pytest.mark.parametrize(
    ("status", "word", "late"),
    [(200, "ready up\n", 404), (404, "drain up\n", 404), (503, "down #as told\n", 503)],
)
def test_haproxy_tells_late_from_a_plain_no(desk: Desk, tmp_path: Path, status: int, word: str, late: int) -> None:
    """On /patient a late server keeps its sessions; on /word its last word holds, so it says none."""
    hangs = tmp_path / "hangs"
    (lay(tmp_path, "host", "agent") / "check_one.py").write_text(judged_as(status, hangs))
    with served(desk, tmp_path) as port:
        assert http_get("127.0.0.1", port, "/patient", timeout=10) == (status, "as told\n")
        assert raw(port, "/word") == word
        hangs.touch()
        until(lambda: http_get("127.0.0.1", port, "/", timeout=10)[0] == 503 and raw(port, "/word") == "", 60)
        assert http_get("127.0.0.1", port, "/patient", timeout=10)[0] == late
        hangs.unlink()
        until(lambda: raw(port, "/word") == word, 60)


def test_one_that_watches_hears_each_look_and_each_change(desk: Desk, agent: int) -> None:
    with socket.create_connection(("127.0.0.1", agent), timeout=5) as watcher:
        watcher.sendall(b"GET /watch HTTP/1.0\r\n\r\n")
        lines = watcher.makefile()
        assert lines.readline() == "HTTP/1.0 200 OK\n"
        while lines.readline().strip():
            pass
        watcher.settimeout(60)
        until(lambda: lines.readline().startswith("503 MariaDB does not answer: "), 60)
        began = time.monotonic()
        for _ in range(3):
            assert lines.readline()
        assert time.monotonic() - began > 1, "once a second"
        desk.write("/var/lib/mariadb-ha/draining", "maintenance\n")
        until(lambda: lines.readline() == "404 draining: maintenance\n", 60)
        assert http_get("127.0.0.1", agent, "/", timeout=3)[0] == 404, "others are answered meanwhile"


def test_port_scans_and_nonsense_do_not_stop_it(agent: int) -> None:
    for _ in range(50):
        socket.create_connection(("127.0.0.1", agent), timeout=3).close()
    silent = [socket.create_connection(("127.0.0.1", agent), timeout=3) for _ in range(230)]
    with socket.create_connection(("127.0.0.1", agent), timeout=3) as rude:
        rude.sendall(b"\x16\x03\x01\x00" + b"\xff" * 500 + b"\r\n\r\n")
    began = time.monotonic()
    assert http_get("127.0.0.1", agent, "/", timeout=3)[0] == 503
    assert time.monotonic() - began < 1.5
    silent[-1].settimeout(10)
    assert silent[-1].recv(1) == b"", "one that says nothing is dropped"
    for connection in silent:
        connection.close()
