"""Two rolls at once: never both nodes out, never both giving way for ever."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import roll_order

from tests.programs.conftest import Desk
from tests.programs.galera.rolling import FLAG, PEER, Rolling, World, living, manifest
from tests.programs.turns import Turns, TurnsDeadline, run_in_turns, whose

NEW = "max_connections = 300\n"
ORDER = ("mdb1", "mdb2", "mdb3")
ROLLS = {**PEER, "rolling": True, "draining": True}


class Node(Turns):
    """One roll. It is `out` past the point where it stops its server."""

    def others(self) -> dict[str, Any]:
        return {name: {"rolling": node.flag} for name, node in self.all.items() if node is not self}

    def change(self) -> None:
        while True:
            while any(state["rolling"] for state in self.others().values()):
                self.pause()  # cluster_whole
            self.pause()  # between the look and the flag
            self.flag = True
            try:
                roll_order.settle(self.name, ORDER, self.others, can_give_way=lambda: True)
                return
            except roll_order.GiveWay:
                self.flag = False


@pytest.mark.parametrize("turns", list(itertools.product((0, 1), repeat=6)), ids=lambda turns: "".join(map(str, turns)))
def test_whatever_two_rolls_do_first_each_is_done(turns: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """And never is more than one out."""
    nodes: dict[str, Node] = {}
    nodes |= {name: Node(name, nodes) for name in ("mdb2", "mdb3")}
    each = tuple(nodes.values())
    me = whose(each)
    monkeypatch.setattr(roll_order, "Deadline", TurnsDeadline)
    monkeypatch.setattr(roll_order, "pause", lambda _seconds: me().pause())
    run_in_turns(each, turns)


def settle(me: str, looks: list[dict[str, Any]], *, up: bool = True) -> None:
    seen = iter(looks)
    roll_order.settle(me, ORDER, lambda: next(seen, looks[-1]), can_give_way=lambda: up)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_order, "pause", lambda _seconds: None)


def test_alone() -> None:
    settle("mdb2", [{"mdb1": PEER, "mdb3": None}])


def test_the_later_one_gives_way_at_once() -> None:
    with pytest.raises(roll_order.GiveWay) as found:
        settle("mdb3", [{"mdb1": PEER, "mdb2": ROLLS}])
    assert found.value.others == ["mdb2"]


def test_the_earlier_one_goes_on_once_the_later_has_given_way() -> None:
    settle("mdb2", [{"mdb3": ROLLS}, {"mdb3": ROLLS}, {"mdb3": PEER}])


def test_one_that_is_past_the_point_is_given_way_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_order, "YIELDED", 0.0)
    with pytest.raises(roll_order.GiveWay):
        settle("mdb2", [{"mdb3": {**ROLLS, "running": False}}])


def test_a_server_that_is_down_has_nothing_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_order, "YIELDED", 0.0)
    settle("mdb3", [{"mdb2": ROLLS}], up=False)


def test_the_roll_begins_again_after_the_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other node sets its flag between this one's look at the cluster and its own flag."""
    import drain_flag
    import roll_run

    world = World(desk)
    roll = Rolling(desk, world, monkeypatch)
    living(desk, world)
    flags: list[bool] = []
    real = drain_flag.take_out

    def flagged(program: str) -> None:
        real(program)
        if not flags:
            world.peers["mdb1"] = dict(ROLLS)
        flags.append(True)

    def pause(_seconds: float) -> None:
        assert not desk.path(FLAG).exists(), "it waits for the other one's end in service"
        world.peers["mdb1"] = dict(PEER)

    monkeypatch.setattr(drain_flag, "take_out", flagged)
    monkeypatch.setattr(roll_run, "pause", pause)
    assert roll(manifest(NEW)) == 0
    assert len(flags) == 2
    assert world.did == ["out", "stop", "start", "in"], "nothing was stopped before it was alone"
    assert "this node takes clients again until its end" in capsys.readouterr().out
