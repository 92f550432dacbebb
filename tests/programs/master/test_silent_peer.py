"""The other host of the pair falls silent: when its replica's connections are closed, which is when writes are
acknowledged by this server alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pytest
from master_sql import Seen
from promoter_decide import Own
from resource_replication import Resource

from tests.programs.conftest import load

WRITES = Seen(
    read_only=False,
    binlog_state="0-1-5",
    confirmed=True,
    connected=True,
    applied=True,
    trouble="",
    source="10.0.0.2",
    version="10.11",
)
WAIT = 3.0


class Server:
    """MariaDB, with one replica's connection."""

    def __init__(self, wait: float) -> None:
        self.wait, self.closed = wait, 0

    def confirmation_wait(self) -> float:
        return self.wait

    def forget_replicas(self) -> int:
        self.closed += 1
        return 1


def pair_of(*, writes: bool, wait: float = WAIT) -> tuple[Resource, Server]:
    """What the promoter looks at, after the other host has been heard."""
    resource, server = Resource(), Server(wait)
    resource.server = server  # type: ignore[assignment]
    resource.seen = replace(WRITES, read_only=not writes)
    resource.peer_silent(0.0)
    return resource, server


def test_a_server_that_takes_writes_waits_as_long_as_its_writes_do() -> None:
    """The stand-by may live, and have this host powered off before."""
    resource, server = pair_of(writes=True)
    for silent in (1.0, 2.9):
        resource.peer_silent(silent)
    assert server.closed == 0
    for silent in (3.0, 3.5, 600.0):
        resource.peer_silent(silent)
    assert server.closed == 1, "once for each silence"
    resource.peer_silent(0.0)
    resource.peer_silent(4.0)
    assert server.closed == 2


@pytest.mark.parametrize(("writes", "wait"), [(False, WAIT), (True, 0.0)], ids=["stand-by", "no semi-sync"])
def test_nothing_is_waited_for_where_no_write_waits(writes: bool, wait: float) -> None:
    resource, server = pair_of(writes=writes, wait=wait)
    resource.peer_silent(1.0)
    assert server.closed == 1


def test_a_promoter_that_was_just_started_closes_nothing() -> None:
    """It has not heard the other host yet, which is well."""
    resource, server = pair_of(writes=False)
    resource.forgotten = True
    resource.peer_silent(float("inf"))
    assert server.closed == 0


@dataclass
class Told:
    """What the promoter asked of its resource, in order."""

    acts: list[str]

    def peer_silent(self, seconds: float) -> None:
        self.acts.append("silent" if seconds else "heard")

    def demote(self, *, hung: bool) -> None:
        self.acts.append(f"demote hung={hung}")

    error = ""


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Callable[[Own], list[str]]:
    """One look of a promoter that hears nobody, on a host in that state: what it asks of its server."""
    module: ModuleType = load("promoter")

    def look(own: Own) -> list[str]:
        promoter: Any = module.Promoter.__new__(module.Promoter)
        promoter.settings = type("Settings", (), {"name": "pair", "fencing": ("x",), "host": "a"})()
        promoter.resource, promoter.said = Told([]), ""
        promoter.lock = __import__("threading").Lock()
        promoter.watcher = type(
            "Watcher", (), {"heard": lambda self: None, "heard_at": 0.0, "wake": lambda self: None}
        )()
        for name in ("look", "publish"):
            setattr(promoter, name, lambda *_: own)
        monkeypatch.setattr(module, "mark_eligible", lambda *_: None)
        monkeypatch.setattr(module, "disarmed", lambda: "")
        promoter.once()
        return list(promoter.resource.acts)

    return look


SERVING = Own(usable=True, active=True, vip=True, right=True)


def test_a_writer_whose_own_cable_is_cut_is_stopped_with_its_writes_unconfirmed(
    once: Callable[[Own], list[str]],
) -> None:
    """What waits must not be let go before."""
    assert once(replace(SERVING, cut_off="nobody answers")) == ["demote hung=True"]


def test_a_writer_that_hears_a_witness_goes_on(once: Callable[[Own], list[str]]) -> None:
    assert once(SERVING) == ["silent"]
