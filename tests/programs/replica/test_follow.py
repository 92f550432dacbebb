"""replica-follow: what a replica does with what it finds, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import gtid
import pytest
from follow import Source
from mha_common import Failure
from replica_state import Config

from tests.programs.conftest import load

SOURCE = Source("master_master", "172.16.21.50", 3306, "repl", "secret")
RUNS = {
    "Master_Host": "172.16.21.50", "Master_Port": 3306, "Master_User": "repl",
    "Slave_SQL_Running": "Yes", "Slave_IO_Running": "Yes",
    "Last_SQL_Errno": 0, "Last_IO_Errno": 0, "Last_SQL_Error": "", "Last_IO_Error": "",
}  # fmt: skip


class Server:
    """This server and the one that takes writes, as replica-follow asks them; what it did is in `did`."""

    def __init__(self) -> None:
        self.mine, self.theirs, self.position = "", "0-1-9", ""
        self.databases = ["mysql", "information_schema"]
        self.replica: dict[str, Any] | None = None
        self.first = "[]"
        self.did: list[str] = []

    def close(self) -> None:
        """Nothing."""

    def query(self, connection: Any, sql: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        if sql == "SHOW DATABASES":
            return [(name,) for name in self.databases]
        if sql.startswith("SELECT @@GLOBAL.gtid_slave_pos"):
            return [(self.position,)]
        self.did.append(sql % arguments if arguments else sql)
        return []

    def rows(self, connection: Any, sql: str) -> list[dict[str, Any]]:
        if sql == "SHOW BINARY LOGS":
            return [{"Log_name": "mariadb-bin.000004"}]
        if sql.startswith("SHOW BINLOG EVENTS"):
            return [{"Event_type": "Format_desc", "Info": ""}, {"Event_type": "Gtid_list", "Info": self.first}]
        return [self.replica] if self.replica else []


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def program(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    made = load("replica-follow")
    monkeypatch.setenv("MHA_ROOT", str(tmp_path))
    (tmp_path / "var/lib/mariadb-ha").mkdir(parents=True)
    for name, stand_in in {
        "connect": lambda **_: server,
        "remote": lambda _: server,
        "query": server.query,
        "rows": server.rows,
        "state_of": lambda _: gtid.parse(server.mine),
        "their_state": lambda _: gtid.parse(server.theirs),
        "change": lambda connection, source, wrote: server.did.append(f"change, wrote={wrote}"),
        "wait_runs": lambda connection, source: server.did.append("runs"),
        "clone": lambda *_: server.did.append("clone") or "0-1-7",
    }.items():
        monkeypatch.setattr(made, name, stand_in)
    return made


def follow(program: ModuleType) -> bool:
    config = Config(
        source="master_master", source_address="172.16.21.50", source_port=3306, donors={"db2": "172.16.21.52"},
        clone_port=9203, datadir="/data", max_lag=10, drain_timeout=30, drain_notice=2,
    )  # fmt: skip
    done: bool = program.follow(config, SOURCE, "clone password")
    return done


def test_one_that_runs_is_left_alone(program: ModuleType, server: Server, tmp_path: Path) -> None:
    server.mine, server.position, server.replica = "0-1-9", "0-1-9", RUNS
    program.tell(server, SOURCE)
    server.did.clear()
    assert follow(program) is False
    assert server.did == ["runs"]
    for file in (tmp_path / "var/lib/mariadb-ha").iterdir():
        assert SOURCE.password not in file.read_text()


def test_another_password_is_told_to_one_that_runs(program: ModuleType, server: Server) -> None:
    server.mine, server.position, server.replica = "0-1-9", "0-1-9", RUNS
    program.tell(server, replace(SOURCE, password="earlier"))
    server.did.clear()
    assert follow(program) is True
    assert server.did == ["change, wrote=False", "runs"]


def test_a_new_one_starts_from_the_first_transaction(program: ModuleType, server: Server) -> None:
    assert follow(program) is True
    assert server.did == ["change, wrote=False", "runs"]


def test_a_new_one_gets_a_copy_where_the_logs_begin_later(program: ModuleType, server: Server) -> None:
    server.first = "[0-1-5]"
    follow(program)
    assert server.did == [
        "clone", "STOP SLAVE", "SET GLOBAL gtid_slave_pos = 0-1-7", "change, wrote=False", "runs",
    ]  # fmt: skip


def test_databases_of_its_own_are_never_overwritten(program: ModuleType, server: Server) -> None:
    server.databases += ["orders"]
    with pytest.raises(Failure, match=r"databases of its own \(orders\)"):
        follow(program)
    assert server.did == []


def test_transactions_of_its_own_are_named(program: ModuleType, server: Server) -> None:
    server.mine = "0-101-12"
    with pytest.raises(Failure, match=r"transactions that master_master lacks .*0-101-12"):
        follow(program)
    assert server.did == []


def test_stopped_replication_is_not_started_over(program: ModuleType, server: Server) -> None:
    server.mine = server.position = "0-1-9"
    server.replica = {**RUNS, "Slave_SQL_Running": "No", "Last_SQL_Errno": 1062, "Last_SQL_Error": "Duplicate entry"}
    with pytest.raises(Failure, match="error 1062"):
        follow(program)
    assert server.did == []


def test_one_that_followed_somebody_else_is_pointed_at_the_vip(program: ModuleType, server: Server) -> None:
    server.mine, server.position, server.replica = "0-1-9", "0-1-9", {**RUNS, "Master_Host": "172.16.21.51"}
    assert follow(program) is True
    assert server.did == ["change, wrote=False", "runs"]


def test_a_copy_that_follows_nobody_yet_is_taken_up_where_it_ended(
    program: ModuleType, server: Server, tmp_path: Path
) -> None:
    """The host was interrupted between the copy and CHANGE MASTER; its own tables name an older position."""
    position = tmp_path / "data" / ".mariadb-ha-clone-position"
    position.parent.mkdir()
    position.write_text("0-1-7\n")
    server.position, server.databases = "0-1-2", [*server.databases, "app"]
    assert follow(program) is True
    assert "SET GLOBAL gtid_slave_pos = 0-1-7" in server.did
    assert not position.exists()
