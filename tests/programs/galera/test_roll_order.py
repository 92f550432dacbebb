"""Two rolls at once: never both nodes out, never both giving way for ever."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
import roll_order

from tests.programs.conftest import Desk
from tests.programs.galera.rolling import FLAG, PEER, Rolling, World, living, manifest

NEW = "max_connections = 300\n"
ORDER = ("mdb1", "mdb2", "mdb3")
ROLLS = {**PEER, "rolling": True, "draining": True}


class Node:
    """One roll, a turn at a time: from one pause to the next. `out`: it is past the point, and stops its server."""

    def __init__(self, name: str, nodes: list[Node]) -> None:
        self.name, self.nodes, self.flag, self.out, self.done = name, nodes, False, False, False
        self.wrong: list[str] = []
        self.go, self.paused = threading.Semaphore(0), threading.Semaphore(0)
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def turn(self) -> None:
        self.go.release()
        assert self.paused.acquire(timeout=60)

    def pause(self) -> None:
        self.paused.release()
        self.go.acquire()

    def others(self) -> dict[str, Any]:
        return {node.name: {"rolling": node.flag} for node in self.nodes if node is not self}

    def work(self) -> None:
        self.go.acquire()
        while not self.out:
            while any(state["rolling"] for state in self.others().values()):
                self.pause()  # cluster_whole
            self.pause()  # between the look and the flag
            self.flag = True
            try:
                roll_order.settle(self.name, ORDER, self.others, can_give_way=lambda: True)
                self.out = True
            except roll_order.GiveWay:
                self.flag = False
        for _ in range(60):
            if sum(node.out for node in self.nodes) != 1:
                self.wrong.append("two nodes are out at once")
            self.pause()
        self.out, self.flag, self.done = False, False, True
        self.paused.release()


class TurnsDeadline:
    """Over after a number of turns."""

    def __init__(self, _seconds: float) -> None:
        self.left = 30

    def over(self) -> bool:
        self.left -= 1
        return self.left < 0

    def note(self, _words: str) -> None:
        """Nobody reads it."""


@pytest.mark.parametrize("turns", list(itertools.product((0, 1), repeat=6)), ids=lambda turns: "".join(map(str, turns)))
def test_whatever_two_rolls_do_first_each_is_done(turns: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """And never is more than one out."""
    nodes: list[Node] = []
    nodes += [Node("mdb2", nodes), Node("mdb3", nodes)]
    monkeypatch.setattr(roll_order, "Deadline", TurnsDeadline)
    by_thread = {node.thread: node for node in nodes}
    monkeypatch.setattr(roll_order, "pause", lambda _seconds: by_thread[threading.current_thread()].pause())
    for turn in itertools.islice(itertools.chain(turns, itertools.cycle((0, 1))), 1000):
        if not nodes[turn].done:
            nodes[turn].turn()
    assert [node.done for node in nodes] == [True, True]
    assert not nodes[0].wrong + nodes[1].wrong


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
