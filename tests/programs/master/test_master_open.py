"""When a master behind directors takes writes after its start, and when it leaves clients to the other one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported

import check_master  # isort: skip
from agent_http import KEEP, REFUSE, SERVE  # isort: skip
from master_open import Goal, closed_because  # isort: skip
from master_sql import Seen  # isort: skip
from master_state import Config  # isort: skip

SEEN = Seen(
    read_only=True, binlog_state="0-1-10,0-2-20", confirmed=True, connected=True, applied=True, trouble="",
    source="172.16.21.6", version="10.11",
)  # fmt: skip
PEER: dict[str, Any] = {"running": True, "gtid_binlog_state": "0-1-10,0-2-20", "read_only": True}


def seen(**changes: Any) -> Seen:
    return Seen(**{**SEEN.__dict__, **changes})


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ({}, PEER, ""),
        ({"trouble": "it is not set up", "source": ""}, PEER, "not set up yet"),
        ({"trouble": "error 1062: Duplicate entry"}, PEER, "error 1062"),
        ({}, None, "db2 does not answer, and may have writes that are not here"),
        ({}, {"running": False}, "MariaDB on db2 does not answer"),
        ({"connected": False}, PEER, "no connection to db2"),
        ({"binlog_state": "0-1-10"}, PEER, "0-2-20 of db2 are not here yet"),
        ({"binlog_state": "0-1-10,0-2-20"}, {**PEER, "gtid_binlog_state": "0-1-10,0-2-21"}, "0-2-21"),
        ({"binlog_state": "0-1-99,0-2-20"}, PEER, ""),
        ({"binlog_state": ""}, {**PEER, "gtid_binlog_state": ""}, ""),
    ],
)
def test_it_opens_once_it_lacks_nothing(mine: dict[str, Any], theirs: dict[str, Any] | None, words: str) -> None:
    found = closed_because(seen(**mine), "db2", theirs, Goal())
    assert words in found
    assert bool(words) is bool(found)


def test_without_a_peer_it_opens_at_once() -> None:
    assert not closed_because(seen(trouble="it is not set up", source=""), "", None, Goal())


def test_what_the_other_one_writes_meanwhile_keeps_it_closed_no_longer() -> None:
    goal = Goal()
    assert closed_because(seen(binlog_state="0-2-19"), "db2", {**PEER, "gtid_binlog_state": "0-2-20"}, goal)
    assert not closed_because(seen(binlog_state="0-2-20"), "db2", {**PEER, "gtid_binlog_state": "0-2-25"}, goal)


def config(**changes: Any) -> Config:
    given: dict[str, Any] = {
        "host": "db1", "peer": "db2", "peer_address": "127.0.0.12", "address": "127.0.0.11", "port": 3306,
        "datadir": "/var/lib/mysql", "own_vip": False, "first": True, "one_writer": True,
    }  # fmt: skip
    return Config(**{**given, **changes})


class Server:
    """Stands for MariaDB."""

    def __init__(self, mine: Seen, clients: int) -> None:
        self.mine, self.count = mine, clients

    def look(self) -> Seen:
        return self.mine

    def clients(self) -> int:
        return self.count


OPEN = seen(read_only=False)
SERVES: dict[str, Any] = {"running": True, "read_only": False, "replication": "", "clients": 3, "status": 200}


@pytest.mark.parametrize(
    ("own", "mine", "clients", "theirs", "status", "words"),
    [
        ({}, OPEN, 0, {**SERVES, "clients": 0}, SERVE, "ok"),
        ({}, OPEN, 0, SERVES, KEEP, "stands by: db2 has the clients"),
        ({}, OPEN, 1, SERVES, SERVE, "ok"),
        ({"first": False}, OPEN, 0, SERVES, SERVE, "ok"),
        ({"one_writer": False}, OPEN, 0, SERVES, SERVE, "ok"),
        ({}, OPEN, 0, {}, SERVE, "ok"),
        ({}, OPEN, 0, {**SERVES, "read_only": True}, SERVE, "ok"),
        ({"peer": ""}, OPEN, 0, SERVES, SERVE, "ok"),
        ({}, SEEN, 0, {}, REFUSE, "read_only is ON"),
        ({}, seen(read_only=False, trouble="error 1236"), 0, {**SERVES, "clients": 0}, KEEP, "broken (error 1236)"),
        ({}, seen(read_only=False, trouble="error 1236"), 0, {**SERVES, "replication": "x"}, KEEP, "stands by"),
        ({"first": False}, seen(read_only=False, trouble="error 1236"), 0, {}, SERVE, "ok: replication is broken"),
        ({}, seen(read_only=False, applied=False, connected=False), 0, {}, KEEP, "not applied"),
        ({}, seen(read_only=False, applied=False), 0, {**SERVES, "clients": 0}, SERVE, "ok"),
    ],
)
def test_verdict(
    monkeypatch: pytest.MonkeyPatch, own: dict[str, Any], mine: Seen, clients: int, theirs: dict[str, Any], status: int,
    words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(check_master, "state_of", lambda address: theirs or None)
    check = check_master.MasterCheck(config(**own), Server(mine, clients))
    found = check.judge(check.look())
    assert found[0] == status, found
    assert words in found[1]


def test_it_waits_until_the_other_one_has_been_without_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    said, now = dict(SERVES), [100.0]
    monkeypatch.setattr(check_master, "state_of", lambda address: said)
    monkeypatch.setattr(check_master.time, "monotonic", lambda: now[0])
    check = check_master.MasterCheck(config(), Server(OPEN, 0))
    assert check.judge(check.look())[0] == KEEP
    said["clients"] = 0
    for later, status in ((101.0, KEEP), (102.5, KEEP), (103.5, SERVE)):
        now[0] = later
        assert check.judge(check.look())[0] == status, later


def test_a_drained_one_is_left_once_it_is_closed() -> None:
    check = check_master.MasterCheck(config(), Server(OPEN, 0))
    assert not check.may_be_left({"running": True, "read_only": False})
    assert check.may_be_left({"running": True, "read_only": True})
    assert check.may_be_left({"running": False, "read_only": None})
    both = check_master.MasterCheck(config(one_writer=False), Server(OPEN, 0))
    assert both.may_be_left({"running": True, "read_only": False})


@pytest.mark.parametrize(
    ("own", "theirs", "status"),
    [
        ({"one_writer": False}, SERVES, KEEP),
        ({"one_writer": False}, {**SERVES, "volume_full": True}, SERVE),
        ({"one_writer": False}, {**SERVES, "full": True}, SERVE),
        ({"one_writer": False}, {**SERVES, "status": 503}, SERVE),
        ({"one_writer": False}, {}, SERVE),
        ({"first": False}, SERVES, SERVE),
        ({"own_vip": True, "one_writer": False}, SERVES, SERVE),
    ],
)
def test_a_full_volume_sends_new_clients_to_the_other_one_where_both_take_writes(
    monkeypatch: pytest.MonkeyPatch, own: dict[str, Any], theirs: dict[str, Any], status: int
) -> None:
    """Where one does, its clients stay: two that take writes would be worse; so does the holder of a VIP."""
    monkeypatch.setattr(check_master, "state_of", lambda address: theirs or None)
    full = {"volume_mib": 2048, "volume_free_mib": 12, "volume_full": True}
    monkeypatch.setattr(check_master, "volume", lambda datadir: full)
    check = check_master.MasterCheck(config(**own), Server(OPEN, 0))
    found = check.judge(check.look())
    assert found[0] == status, found
    assert "the volume of /var/lib/mysql is full: 12 of 2048 MiB left" in found[1]
