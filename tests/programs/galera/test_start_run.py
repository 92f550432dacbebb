"""The start loop: each decision is carried out once, and the facts are looked at again right before a bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import start_run
from galera_state import load_config
from mha_common import Failure
from start_decision import Bootstrap, Decision, Join, Recover, Refuse, Wait

from tests.programs.conftest import Desk

SYNCED = {"wsrep_cluster_status": "Primary", "wsrep_ready": "ON", "wsrep_local_state": "4"}


class World:
    """Decisions to come, and what was done about them."""

    def __init__(self, *decisions: Decision) -> None:
        self.decisions = list(decisions)
        self.done: list[str] = []
        self.up = False
        self.fails = 0

    def decide(self, *_args: Any, **_keywords: Any) -> Decision:
        return self.decisions.pop(0) if len(self.decisions) > 1 else self.decisions[0]

    def start(self, *, new_cluster: bool = False) -> str:
        self.done.append("bootstrap" if new_cluster else "join")
        return "starter"

    def wait(self, *_args: Any) -> None:
        if self.fails:
            self.fails -= 1
            raise Failure("MariaDB did not start")
        self.up = True


@pytest.fixture
def play(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    desk.galera_env()
    desk.write("/var/lib/mysql/grastate.dat", "uuid: u\nseqno: 5\nsafe_to_bootstrap: 0\n")

    def run(world: World) -> None:
        for name, fake in {
            "ask_decision": world.decide,
            "start": world.start,
            "wait_synced": world.wait,
            "figures": lambda: SYNCED if world.up else None,
            "server_runs": lambda: False,
            "forget_bootstrap": lambda: None,
            "clear_stale_sst": lambda _datadir: None,
            "recover": lambda _config: world.done.append("recover"),
            "pause": lambda _seconds: None,
        }.items():
            monkeypatch.setattr(start_run, name, fake)
        start_run.start_node(load_config(), limit=30)

    return run


def test_synced_has_nothing_to_do(play: Callable[[World], None], capsys: pytest.CaptureFixture[str]) -> None:
    world = World(Refuse("never asked", "-"))
    world.up = True
    play(world)
    assert world.done == []
    assert "nothing to do" in capsys.readouterr().out


def test_waits_then_joins(play: Callable[[World], None]) -> None:
    world = World(Wait("mdb2 joins first"), Wait("mdb2 joins first"), Join("mdb1 is Primary"))
    play(world)
    assert world.done == ["join"]


def test_winner_sets_the_flag_and_bootstraps_once(play: Callable[[World], None], desk: Desk) -> None:
    world = World(Bootstrap("last"), Bootstrap("last"))
    play(world)
    assert world.done == ["bootstrap"]
    assert "safe_to_bootstrap: 1" in desk.read("/var/lib/mysql/grastate.dat")


def test_facts_that_changed_stop_the_bootstrap(play: Callable[[World], None], desk: Desk) -> None:
    world = World(Bootstrap("last"), Wait("mdb2 answers no more"), Join("mdb2 is Primary"))
    play(world)
    assert world.done == ["join"]
    assert "safe_to_bootstrap: 0" in desk.read("/var/lib/mysql/grastate.dat")


def test_refusal_must_hold_for_two_looks(play: Callable[[World], None]) -> None:
    world = World(Refuse("all empty", "up"), Join("mdb1 is Primary"))
    play(world)
    assert world.done == ["join"]


def test_refusal_touches_nothing(play: Callable[[World], None], desk: Desk) -> None:
    before = desk.read("/var/lib/mysql/grastate.dat")
    world = World(Refuse("different clusters", "decide"))
    with pytest.raises(Failure, match="different clusters"):
        play(world)
    assert world.done == []
    assert desk.read("/var/lib/mysql/grastate.dat") == before


def test_recovers_before_it_decides(play: Callable[[World], None]) -> None:
    world = World(Recover("not stopped in order"), Bootstrap("last"), Bootstrap("last"))
    play(world)
    assert world.done == ["recover", "bootstrap"]


def test_three_failed_starts_end_it(play: Callable[[World], None]) -> None:
    world = World(Join("mdb1 is Primary"))
    world.fails = 99
    with pytest.raises(Failure, match="did not start"):
        play(world)
    assert world.done == ["join"] * 3


def test_a_failed_start_is_tried_again(play: Callable[[World], None]) -> None:
    world = World(Join("mdb1 is Primary"))
    world.fails = 1
    play(world)
    assert world.done == ["join"] * 2


def test_recovery_reads_position_not_uuid(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.galera_env()
    desk.fake("galera_recovery", "echo '--wsrep_start_position=aaaaaaaa-0000-0000-0000-000000000001:41,1-1-7'")
    monkeypatch.setenv("PATH", desk.env["PATH"])
    start_run.recover(load_config())
    assert '"seqno": 41' in desk.read("/var/lib/mariadb-ha/recovered.json")
