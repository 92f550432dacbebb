"""A desk for galera-roll: a node whose server, sessions and peers are told by the test, the files real."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import apply_deliver
import drain_flag
import pytest
import roll_drain
import roll_plan
import roll_run
from mha_common import Failure

from tests.programs.conftest import NODES, Desk, load

UUID = "aaaaaaaa-0000-0000-0000-000000000001"
SERVER = "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"
MEMBERS = "/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf"
ENV = "/etc/mariadb-ha/galera.env"
AGENT = "/usr/local/lib/mariadb-ha/health-agent"
FLAG = "/var/lib/mariadb-ha/draining"
PEER: dict[str, Any] = {
    "running": True,
    "process": True,
    "cluster_status": "Primary",
    "cluster_state_uuid": UUID,
    "local_state": 4,
    "local_state_comment": "Synced",
    "cluster_size": 3,
    "draining": False,
    "rolling": False,
    "status": 200,
}


class Killed(BaseException):
    """kill -9 at this point."""


class World:
    """This node and its cluster. `did` is what was done to the server and to the node's service, in order."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.up = True
        self.did: list[str] = []
        self.peers: dict[str, dict[str, Any] | None] = {"mdb1": dict(PEER), "mdb3": dict(PEER)}
        self.checker: Callable[[str], str] = lambda _text: ""
        self.starts_with: Callable[[str], bool] = lambda _text: True
        self.kill_at = ""
        self.others_serve: bool | None = None
        self.starting: Callable[[], None] = lambda: None

    def happens(self, what: str) -> None:
        if what == self.kill_at:
            self.kill_at = ""
            raise Killed(what)
        self.did.append(what)

    def figures(self) -> dict[str, str] | None:
        if not self.up:
            return None
        size = 1 + sum(1 for state in self.peers.values() if state and state.get("running"))
        return {
            "wsrep_cluster_status": "Primary",
            "wsrep_cluster_state_uuid": UUID,
            "wsrep_local_state": "4",
            "wsrep_local_state_comment": "Synced",
            "wsrep_cluster_size": str(size),
            "wsrep_ready": "ON",
        }

    def answers(self, _config: Any) -> dict[str, dict[str, Any] | None]:
        size = sum(1 for state in self.peers.values() if state and state.get("running")) + self.up
        return {
            name: state and {**state, "cluster_size": state.get("size", size)} for name, state in self.peers.items()
        }

    def read_files(self) -> None:
        """What the unit's drop-in does at a start."""
        folder = self.desk.path("/etc/mysql/mariadb.conf.d")
        lines = [
            f"{hashlib.sha256(file.read_bytes()).hexdigest()}  /etc/mysql/mariadb.conf.d/{file.name}\n"
            for file in sorted(folder.glob("7[012]-*.cnf"))
        ]
        self.desk.write("/run/mariadb-ha/mariadb.sha256", "".join(lines))

    def stop(self, command: list[str], **_: Any) -> None:
        assert command == ["systemctl", "stop", "mariadb.service"]
        self.happens("stop")
        self.up = False

    def start(self, _config: Any, **_: Any) -> None:
        self.starting()
        if self.up:
            return
        self.happens("start")
        if not self.starts_with(self.desk.read(SERVER)):
            raise Failure("MariaDB did not start: [ERROR] banana", todo="correct that setting")
        self.up = True
        self.read_files()

    def check(self, new: dict[str, Any]) -> None:
        for file in new.values():
            if words := self.checker(file.content):
                raise Failure(f"{file.path}: refused by mariadbd: {words}", todo="correct it")

    def act(self, actions: set[str]) -> None:
        for action in sorted(actions):
            self.happens(action)

    def verdict(self, _config: Any) -> tuple[int, str]:
        if self.desk.path(FLAG).exists():
            return 404, "draining"
        return (200, "ok: Synced") if self.up else (503, "MariaDB does not answer")

    def take_out(self, config: Any, given: Any, *, others_serve: bool, settle: Callable[[], None]) -> None:
        self.others_serve = others_serve
        drain_flag.take_out("galera-roll")
        settle()
        self.happens("out")

    def put_back(self, config: Any, given: Any) -> None:
        drain_flag.put_back()
        self.happens("in")


class Rolling:
    """galera-roll on node mdb2 of that world."""

    def __init__(self, desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.world = desk, world
        self.program = load("galera-roll")
        monkeypatch.setattr(apply_deliver, "check_all", world.check)
        monkeypatch.setattr(apply_deliver, "act", world.act)
        monkeypatch.setattr(roll_plan, "figures", world.figures)
        monkeypatch.setattr(roll_drain, "take_out", world.take_out)
        monkeypatch.setattr(roll_drain, "put_back", world.put_back)
        for name, fake in {
            "figures": world.figures,
            "server_runs": lambda: world.up,
            "ask_peers": world.answers,
            "must": world.stop,
            "start_node": world.start,
            "pause": lambda _seconds: None,
        }.items():
            monkeypatch.setattr(roll_run, name, fake)
        for name, value in {
            "server_runs": lambda: world.up,
            "ask_peers": world.answers,
            "run_detached": lambda work: work(),
            "run": lambda command, **_: world.happens(" ".join(command)),
        }.items():
            setattr(self.program, name, value)
        self.monkeypatch = monkeypatch

    def __call__(self, wanted: dict[str, Any] | None, *arguments: str) -> int:
        self.monkeypatch.setattr("sys.argv", ["galera-roll", "--patience", "0", *arguments])
        self.monkeypatch.setattr("sys.stdin", Text(json.dumps(wanted)))
        self.world.did.clear()
        found: int = self.program.main()
        return found


class Text:
    """Standard input."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self) -> str:
        return self.text


def manifest(
    server: str = "max_connections = 200\n",
    *,
    members: str = "gcomm://all\n",
    agent: str = "agent 1\n",
    env: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The set; `env` adds keys to galera.env, or changes them."""
    nodes = " ".join(f"{name}={address}" for name, address in NODES.items())
    keys = {
        "NODE": "mdb2",
        "NODES": nodes,
        "REFERENCE": "mdb1",
        "AGENT_PORT": "9200",
        "PORT": "3306",
        "DATADIR": "/var/lib/mysql",
        **(env or {}),
    }
    restart = ["restart mariadb-ha-agent.service"]
    return {
        SERVER: {"content": f"[mariadbd]\nport = 3306\n{server}", "check": "mariadbd"},
        MEMBERS: {"content": members, "check": "mariadbd"},
        ENV: {"content": "".join(f'{key}="{value}"\n' for key, value in keys.items()), "on_change": restart},
        AGENT: {"content": agent, "mode": "0755", "on_change": restart},
    }


def living(desk: Desk, world: World) -> None:
    """The node as an earlier `up` left it."""
    for path, values in manifest().items():
        desk.write(path, values["content"], int(values.get("mode", "0644"), 8))
    desk.write("/etc/mariadb-ha/roll.env", 'DRAIN_TIMEOUT="30"\nDRAIN_NOTICE="4"\n')
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="172.16.21.188"\n')
    desk.write("/var/lib/mysql/grastate.dat", f"uuid: {UUID}\nseqno: -1\nsafe_to_bootstrap: 0\n")
    world.read_files()
