"""The first bootstrap: only when every node is empty and accounted for; over data never."""

from __future__ import annotations

import pwd
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from threading import Thread
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from mha_common import Failure

from tests.programs.conftest import NODES, Desk, load

A = "aaaaaaaa-0000-0000-0000-000000000001"
SYNCED = {"wsrep_cluster_status": "Primary", "wsrep_ready": "ON", "wsrep_local_state": "4", "wsrep_cluster_size": "1"}
EMPTY: dict[str, Any] = {"running": False, "grastate": None, "data_disk": "present", "holds": "nothing"}
DATA: dict[str, Any] = {**EMPTY, "holds": "data"}
NO_UUID = "00000000-0000-0000-0000-000000000000"
PRIMARY: dict[str, Any] = {
    **DATA,
    "running": True,
    "cluster_status": "Primary",
    "local_state": 4,
    "cluster_state_uuid": A,
}


class Peers:
    """The other nodes' health agents, each on an address of its own."""

    def __init__(self) -> None:
        self.port = 0
        self.servers: list[ThreadingHTTPServer] = []

    def answer(self, node: str, state: dict[str, Any]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = dumps(state).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        server = ThreadingHTTPServer((NODES[node], self.port), Handler)
        self.port = server.server_address[1]
        self.servers.append(server)
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def peers() -> Iterator[Peers]:
    found = Peers()
    yield found
    for server in found.servers:
        server.shutdown()
        server.server_close()


class World(SimpleNamespace):
    """What was done to this node."""

    done: list[str]
    up: bool


@pytest.fixture
def bootstrap(desk: Desk, peers: Peers, monkeypatch: pytest.MonkeyPatch) -> Callable[[], World]:
    me = pwd.getpwuid(0)
    monkeypatch.setenv("MHA_PAUSE", "0.05")
    monkeypatch.setenv("MHA_ANSWER_TIMEOUT", "0.3")
    monkeypatch.setenv("PATH", desk.env["PATH"])
    desk.fake(
        "mariadb-install-db",
        f"mkdir -p {desk.path('/var/lib/mysql/mysql')}; touch {desk.path('/var/lib/mysql/ibdata1')}",
    )
    desk.fake("systemctl", "exit 0")

    def run() -> World:
        desk.galera_env(port=peers.port or 1)
        world = World(done=[], up=False)
        program: ModuleType = load("galera-bootstrap")

        def start(_datadir: str, *, new_cluster: bool = False) -> str:
            world.done.append("bootstrap" if new_cluster else "join")
            world.up = True
            return "starter"

        for name, fake in {
            "figures": lambda: SYNCED if world.up else None,
            "server_runs": lambda: False,
            "start": start,
            "wait_synced": lambda *_args: None,
            "start_node": lambda _config, **_keywords: world.done.append("by decision"),
        }.items():
            monkeypatch.setattr(program, name, fake)
        monkeypatch.setattr(pwd, "getpwnam", lambda _name: me)
        program.main()
        return world

    return run


def test_all_empty(desk: Desk, peers: Peers, bootstrap: Callable[[], World]) -> None:
    peers.answer("mdb2", EMPTY)
    peers.answer("mdb3", EMPTY)
    assert bootstrap().done == ["bootstrap"]
    assert any(call.startswith("mariadb-install-db --user=mysql") for call in desk.calls)
    assert not list(desk.path("/var/lib/mysql").glob(".mariadb-ha*"))


@pytest.mark.parametrize(
    "other",
    [
        PRIMARY,
        {**DATA, "grastate": {"uuid": A, "seqno": 4, "safe_to_bootstrap": 0}},
        {**DATA, "grastate": {"uuid": A, "seqno": -1, "safe_to_bootstrap": 0}},
        {**DATA, "grastate": {"uuid": NO_UUID, "seqno": -1, "safe_to_bootstrap": 0}},
        DATA,
        {"running": False, "grastate": None, "data_disk": "present"},
        {**EMPTY, "process": True},
    ],
    ids=[
        "a Primary node",
        "data",
        "unclean data",
        "data during a DDL",
        "a restored backup",
        "no word",
        "a server that starts",
    ],
)
def test_anything_on_another_node_goes_to_the_decision(
    desk: Desk, peers: Peers, bootstrap: Callable[[], World], other: dict[str, Any]
) -> None:
    peers.answer("mdb2", EMPTY)
    peers.answer("mdb3", other)
    assert bootstrap().done == ["by decision"]
    assert not desk.calls or not any(call.startswith("mariadb-install-db") for call in desk.calls)


def test_own_data_goes_to_the_decision(desk: Desk, peers: Peers, bootstrap: Callable[[], World]) -> None:
    desk.write("/var/lib/mysql/ibdata1", "x")
    desk.write("/var/lib/mysql/grastate.dat", f"uuid: {A}\nseqno: 4\nsafe_to_bootstrap: 1\n")
    peers.answer("mdb2", EMPTY)
    peers.answer("mdb3", EMPTY)
    assert bootstrap().done == ["by decision"]


@pytest.mark.parametrize("silent", [None, {"data_disk": "missing"}])
def test_an_unaccounted_node_is_waited_for_then_refused(
    peers: Peers, bootstrap: Callable[[], World], silent: dict[str, Any] | None
) -> None:
    peers.answer("mdb2", EMPTY)
    if silent is not None:
        peers.answer("mdb3", silent)
    with pytest.raises(Failure, match="no answer from the health agent of mdb3") as refusal:
        bootstrap()
    assert "mariadb-ha-agent" in refusal.value.todo


def test_files_of_somebody_else_are_left_alone(desk: Desk, peers: Peers, bootstrap: Callable[[], World]) -> None:
    desk.write("/var/lib/mysql/holiday.jpg", "x")
    peers.answer("mdb2", EMPTY)
    peers.answer("mdb3", EMPTY)
    with pytest.raises(Failure, match=r"holiday\.jpg"):
        bootstrap()
    assert desk.read("/var/lib/mysql/holiday.jpg") == "x"


def test_a_directory_made_by_the_package_is_used(desk: Desk, peers: Peers, bootstrap: Callable[[], World]) -> None:
    desk.write("/var/lib/mysql/mysql/global_priv.MAI", "x")
    peers.answer("mdb2", EMPTY)
    peers.answer("mdb3", EMPTY)
    assert bootstrap().done == ["bootstrap"]
    assert not any(call.startswith("mariadb-install-db") for call in desk.calls)


def test_a_half_made_directory_is_made_anew(desk: Desk, peers: Peers, bootstrap: Callable[[], World]) -> None:
    desk.write("/var/lib/mysql/.mariadb-ha-installing", "")
    desk.write("/var/lib/mysql/mysql/half", "x")
    peers.answer("mdb2", EMPTY)
    peers.answer("mdb3", EMPTY)
    assert bootstrap().done == ["bootstrap"]
    assert not desk.path("/var/lib/mysql/mysql/half").exists()


@pytest.mark.parametrize("found", [None, {"uuid": A, "seqno": 120}], ids=["not recovered yet", "recovered"])
def test_power_cut_during_a_ddl_and_a_lost_first_disk(desk: Desk, peers: Peers, found: dict[str, Any] | None) -> None:
    """The whole program: an empty first node beside two with a zero UUID.

    It bootstrapped, and its state transfer wiped them.
    """
    other = {**DATA, "grastate": {"uuid": NO_UUID, "seqno": -1, "safe_to_bootstrap": 0}, "recovered": found}
    peers.answer("mdb2", other)
    peers.answer("mdb3", other)
    done = whole_program(desk, peers, "galera-bootstrap")
    assert done.returncode == 1
    unknown = "has not published its position yet"
    words = (
        unknown if found is None else "the last transaction is on a node whose grastate.dat does not name its cluster"
    )
    assert words in done.stderr
    assert found is None or f"mdb2 {A}:120" in done.stderr
    assert nothing_started(desk)


@pytest.mark.parametrize("program", ["galera-bootstrap", "galera-start"])
def test_stopped_in_order_does_not_win_over_lost_state_files(desk: Desk, peers: Peers, program: str) -> None:
    """mdb1 stopped at 20; 100 rows later the power of mdb2 and mdb3 was cut, and their state files are empty. mdb1
    bootstrapped, the rows were gone.
    """
    desk.write("/var/lib/mysql/ibdata1", "x")
    desk.write("/var/lib/mysql/app/t.ibd", "x")
    desk.write("/var/lib/mysql/grastate.dat", f"uuid: {A}\nseqno: 20\nsafe_to_bootstrap: 0\n")
    other = {
        **DATA,
        "grastate": {"uuid": NO_UUID, "seqno": -1, "safe_to_bootstrap": 0},
        "recovered": {"uuid": A, "seqno": 120},
    }
    peers.answer("mdb2", other)
    peers.answer("mdb3", other)
    done = whole_program(desk, peers, program, waits="30")  # it refuses at once; a busy machine needs its time
    assert done.returncode == 1, done.stdout + done.stderr
    for word in (f"mdb1 {A}:20", f"mdb2 {A}:120 (state file lost)", "save the data directories"):
        assert word in done.stderr
    assert nothing_started(desk)
    assert "safe_to_bootstrap: 0" in desk.read("/var/lib/mysql/grastate.dat")


def whole_program(desk: Desk, peers: Peers, name: str, *, waits: str = "0.5") -> subprocess.CompletedProcess[str]:
    """The program itself, on this desk as mdb1; it waits so long for others (s)."""
    desk.galera_env(port=peers.port)
    desk.fake("galera_recovery", f"echo --wsrep_start_position={A}:20")
    for command in ("systemctl", "galera_new_cluster", "mariadb-install-db", "journalctl"):
        desk.fake(command, "exit 0")
    return desk.run(name, MHA_ANSWER_TIMEOUT=waits, MHA_HANDED_OVER=waits)


def nothing_started(desk: Desk) -> bool:
    return not any(
        call.startswith(("galera_new_cluster", "mariadb-install-db", "systemctl start")) for call in desk.calls
    )


def settle(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, new: bool, port: int) -> list[str]:
    desk.galera_env(port=port)
    program = load("galera-settle")
    done: list[str] = []

    class Starter:
        def __init__(self, command: list[str], **_keywords: Any) -> None:
            done.append(" ".join(command))

        def wait(self) -> None:
            pass

    for name, fake in {
        "figures": lambda: SYNCED,
        "started_as_new_cluster": lambda: new,
        "wait_synced": lambda *_args: done.append("waited"),
        "forget_bootstrap": lambda: None,
    }.items():
        monkeypatch.setattr(program, name, fake)
    monkeypatch.setattr(
        program, "subprocess", SimpleNamespace(Popen=Starter, DEVNULL=subprocess.DEVNULL, PIPE=subprocess.PIPE)
    )
    assert program.main() == 0
    return done


def test_settle_restarts_the_bootstrap_node_once_another_is_synced(
    desk: Desk, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers.answer("mdb2", PRIMARY)
    assert settle(desk, monkeypatch, new=True, port=peers.port) == ["systemctl restart mariadb.service", "waited"]
    assert settle(desk, monkeypatch, new=False, port=peers.port) == []


def test_settle_leaves_the_only_node_alone(desk: Desk, peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    peers.answer("mdb2", {**PRIMARY, "local_state": 1})
    assert settle(desk, monkeypatch, new=True, port=peers.port) == []


def test_a_volume_that_is_not_mounted_is_refused_at_once(desk: Desk, peers: Peers) -> None:
    peers.answer("mdb2", EMPTY)
    peers.answer("mdb3", EMPTY)
    desk.write("/etc/fstab", "UUID=2 /var/lib/mysql xfs defaults 0 2\n")
    done = whole_program(desk, peers, "galera-bootstrap")
    assert done.returncode == 1
    assert "nothing is mounted on /var/lib/mysql" in done.stderr
    assert nothing_started(desk)
