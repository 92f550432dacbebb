"""Room for connections of masters, replicas and DRBD hosts: full is not dead, and the last one is never left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import check_drbd
import check_master
import check_replica
import pytest
import resource_replication
from agent_http import KEEP, REFUSE, SERVE
from connection_room import PID_FILE
from facts_agent import room as told_room
from master_sql import Seen
from mha_sql import SqlError
from promoter_decide import SERVE as SERVES
from promoter_decide import Own, decide, ineligible
from replica_lag import Watch

from tests.programs.conftest import Desk
from tests.programs.master.test_master_open import OPEN, config
from tests.programs.replica.test_two_at_once import config as replica_config

FULL = replace(OPEN, connections=100, max_connections=100)
TOO_MANY = SqlError("Too many connections")


class Master:
    """Stands for MariaDB of a master; an error is raised."""

    def __init__(self, said: Seen | SqlError) -> None:
        self.said, self.count = said, 0

    def look(self) -> Seen:
        if isinstance(self.said, SqlError):
            raise self.said
        return self.said

    def clients(self) -> int:
        return self.count


def judged(check: Any) -> Any:
    """Status and words of a look now."""
    return check.judge(check.look())


def started(desk: Desk, number: int = 1) -> None:
    """MariaDB's process: another number is another process."""
    desk.path(PID_FILE).unlink(missing_ok=True)
    desk.write("/x" * number, "")  # another inode
    desk.write(PID_FILE, f"{number}\n")


@pytest.mark.parametrize("own_vip", [True, False])
def test_a_full_master_keeps_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch, own_vip: bool) -> None:
    """Also where it does not let its own agent in any more (error 1040)."""
    monkeypatch.setattr(check_master, "state_of", lambda address: None)
    started(desk)
    server = Master(FULL)
    check = check_master.MasterCheck(config(own_vip=own_vip), server)
    status, words = judged(check)
    assert (status, words.partition("; ")[2]) == (SERVE, "full: 100 of 100 connections")
    server.said = TOO_MANY
    state = check.look()
    assert check.judge(state) == (SERVE, f"{words.partition('; ')[0]}; full: it takes no connection more")
    assert (state["full"], state["read_only"]) == (True, False)
    assert state["running"] is False, "its position is not known: the other one must not open by it"
    assert state["gtid_binlog_state"] is None
    server.said = SqlError("Can't connect to local server through socket (2)")
    assert judged(check)[0] == REFUSE


def test_a_server_that_was_started_again_is_another_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read-only by its configuration, whatever the one before took."""
    monkeypatch.setattr(check_master, "state_of", lambda address: None)
    started(desk)
    server = Master(OPEN)
    check = check_master.MasterCheck(config(), server)
    assert judged(check)[0] == SERVE
    server.said = TOO_MANY
    assert judged(check)[0] == SERVE
    desk.path(PID_FILE).rename(desk.path("/old.pid"))
    desk.write(PID_FILE, "2\n")
    assert judged(check)[0] == REFUSE
    desk.path(PID_FILE).unlink()
    assert judged(check)[0] == REFUSE


def test_an_agent_that_never_was_let_in_knows_nothing(desk: Desk) -> None:
    started(desk)
    check = check_master.MasterCheck(config(), Master(TOO_MANY))
    assert judged(check)[0] == REFUSE


def test_who_stands_by_goes_on_while_the_other_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full of clients, though its agent cannot count them: two that take writes would be worse."""
    said: dict[str, Any] = {"running": False, "full": True, "read_only": False, "clients": None}
    monkeypatch.setattr(check_master, "state_of", lambda address: said)
    check = check_master.MasterCheck(config(), Master(OPEN))
    assert judged(check) == (KEEP, "stands by: db2 has the clients")
    said["full"] = False
    assert judged(check)[0] == SERVE, "it is dead"


def test_a_full_master_is_not_left_before_it_is_closed() -> None:
    check = check_master.MasterCheck(config(), Master(OPEN))
    assert not check.may_be_left({"running": False, "full": True, "read_only": False})
    assert not check.may_be_left({"running": False, "full": True, "read_only": None})
    assert check.may_be_left({"running": False, "full": True, "read_only": True})


def test_a_full_master_keeps_the_vip(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The promoter counts unanswered questions, and "Too many connections" is an answer."""
    monkeypatch.setattr(resource_replication, "process", lambda: 7)
    resource = resource_replication.Resource()
    resource.server = Master(OPEN)  # type: ignore[assignment]
    monkeypatch.setattr(resource, "save_surplus", lambda *_: None)
    assert resource.look({}, patience=3)["active"] is True
    for words, usable in (("Too many connections", True), ("timed out", False)):
        resource.server.said = SqlError(words)  # type: ignore[attr-defined]
        for _ in range(10):
            facts = resource.look({}, patience=3)
        assert facts["usable"] is usable, words
        own = Own(
            usable=facts["usable"],
            active=facts["active"],
            vip=True,
            right=True,
            behind=facts["behind"],
            unready=facts["unready"],
        )
        assert (ineligible(own) == "") is usable
        assert (decide(own, None, fencing=False).action == SERVES) is usable


def replica_check(monkeypatch: pytest.MonkeyPatch, others: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A replica's check, and what its MariaDB says: an error is raised. `others`: the others' /state by name."""
    said: dict[str, Any] = {
        "read_only": True,
        "gtid_binlog_state": "0-1-7",
        "version": "10.11",
        "max_connections": 50,
        "threads_connected": 50,
        "replica": {
            "Seconds_Behind_Master": 0,
            "Slave_IO_Running": "Yes",
            "Slave_SQL_Running": "Yes",
            "Last_SQL_Errno": 0,
            "Last_IO_Errno": 0,
            "Master_Log_File": "mariadb-bin.000001",
            "Read_Master_Log_Pos": 4,
            "Slave_received_heartbeats": 0,
        },
    }

    def figures() -> dict[str, Any]:
        if "error" in said:
            raise SqlError(said["error"])
        said["replica"]["Slave_received_heartbeats"] += 1
        return said

    monkeypatch.setattr(check_replica, "states_of", lambda *_, **__: others)
    monkeypatch.setattr(check_replica, "OTHERS_HOLD", -1.0)
    monkeypatch.setattr(check_replica, "volume", lambda _: {"volume_full": False})
    check = check_replica.ReplicaCheck(replica_config(), Watch(10), user="mysql")
    monkeypatch.setattr(check.kept_connection, "figures", figures)
    check.look()  # its source is heard from the second one on
    return check, said


ROOMY = {"status": 200, "full": False, "draining": False}


@pytest.mark.parametrize(
    ("others", "answer"),
    [
        ({"r2": ROOMY}, (KEEP, "lags 0 s; full: 50 of 50 connections; r2 has room")),
        ({"r2": {**ROOMY, "full": True}, "r3": ROOMY}, (KEEP, "lags 0 s; full: 50 of 50 connections; r3 has room")),
        ({"r2": {**ROOMY, "full": True}}, (SERVE, "ok: lags 0 s; full: 50 of 50 connections")),
        ({"r2": {**ROOMY, "status": 503}}, (SERVE, "ok: lags 0 s; full: 50 of 50 connections")),
        ({"r2": {**ROOMY, "draining": True}}, (SERVE, "ok: lags 0 s; full: 50 of 50 connections")),
        ({"r2": None}, (SERVE, "ok: lags 0 s; full: 50 of 50 connections")),
        ({}, (SERVE, "ok: lags 0 s; full: 50 of 50 connections")),
    ],
    ids=["another has room", "one of two", "all are full", "it lags", "it drains", "it is silent", "alone"],
)
def test_a_full_replica_sends_new_clients_to_one_with_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, others: dict[str, Any], answer: tuple[int, str]
) -> None:
    check, _ = replica_check(monkeypatch, others)
    assert judged(check) == answer


def test_a_replica_that_lags_and_is_full_lags(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    check, said = replica_check(monkeypatch, {"r2": ROOMY})
    said["replica"]["Seconds_Behind_Master"] = 60
    assert judged(check) == (REFUSE, "lags 60 s (max_lag_s 10)")


def test_a_replica_that_lets_not_even_its_agent_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not dead; how far it lags nobody knows any more, so that goes on ageing."""
    now = [1000.0]
    monkeypatch.setattr(check_replica.time, "monotonic", lambda: now[0])
    started(desk)
    check, said = replica_check(monkeypatch, {"r2": (sibling := dict(ROOMY))})
    assert judged(check)[0] == KEEP
    said["error"] = "Too many connections"
    now[0] += 4
    assert judged(check) == (KEEP, "lags 4 s; full: it takes no connection more; r2 has room")
    sibling["full"] = True
    assert judged(check) == (SERVE, "ok: lags 4 s; full: it takes no connection more")
    now[0] += 7
    assert judged(check) == (REFUSE, "lags 11 s (max_lag_s 10)")
    said["error"] = "Can't connect"
    assert judged(check) == (REFUSE, "MariaDB does not answer: Can't connect")


class Serving:
    """Stands for MariaDB on the Primary."""

    def __init__(self, said: dict[str, Any] | SqlError) -> None:
        self.said = said

    def figures(self) -> dict[str, Any]:
        if isinstance(self.said, SqlError):
            raise self.said
        return self.said


@pytest.mark.parametrize(
    ("active", "said", "answer", "full"),
    [
        (True, {"threads_connected": "20", "max_connections": 20}, "ok: Primary and in service; full: 20 of 20", True),
        (True, {"threads_connected": "19", "max_connections": 20}, "ok: Primary and in service", False),
        (True, TOO_MANY, "ok: Primary and in service; full: it takes no connection more", True),
        (True, SqlError("timed out"), "ok: Primary and in service", False),
        (False, SqlError("nobody asks it"), "stands by: the VIP is elsewhere", None),
    ],
)
def test_a_drbd_host_serves_whether_it_is_full_or_not(
    monkeypatch: pytest.MonkeyPatch, active: bool, said: Any, answer: str, full: bool | None
) -> None:
    promoter = {"active": active, "why": "the VIP is elsewhere"}
    monkeypatch.setattr(check_drbd, "promoter_state", lambda port: promoter)
    check = check_drbd.DrbdCheck(7, Serving(said))  # type: ignore[arg-type]
    state = check.look()
    status, words = check.judge(state)
    assert status == (SERVE if active else REFUSE)
    assert words.startswith(answer)
    assert state.get("full") is full


def test_a_drbd_host_without_mariadb_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_drbd, "promoter_state", lambda port: {"active": True, "why": ""})
    check = check_drbd.DrbdCheck(7, None)
    assert judged(check) == (SERVE, "ok: Primary and in service")
    assert check.wakes() is None
    check.woken()


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (
            '{"connections": 9, "max_connections": 10, "full": false}',
            {"connections": 9, "max_connections": 10, "full": False},
        ),
        ('{"connections": null, "max_connections": null, "full": true}', {"full": True}),
        ('{"promoter": {}}', {"full": False}),
        ("[]", {}),
        ("no JSON", {}),
    ],
)
def test_what_host_facts_tells_of_it(monkeypatch: pytest.MonkeyPatch, state: str, found: dict[str, Any]) -> None:
    import facts_agent

    monkeypatch.setattr(facts_agent, "http_get", lambda *_, **__: (200, state))
    assert told_room(9200) == found
