"""Replicas that are to be changed at once: one after the other, and none waits for ever; a full one sends new clients
to one that has room.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from tests.programs.conftest import load
from tests.programs.turns import Turns, TurnsDeadline, run_in_turns, whose

import check_replica  # isort: skip
import drain_flag  # isort: skip
import roll_order  # isort: skip
from replica_lag import Lag  # isort: skip
from replica_state import Config  # isort: skip

NAMES = ("r1", "r2", "r3")


def config(host: str = "r1", *, notice: float = 2.0) -> Config:
    return Config(
        source="pair",
        source_address="172.16.21.50",
        source_port=3306,
        donors={},
        clone_port=4444,
        datadir="/var/lib/mysql",
        max_lag=5.0,
        drain_timeout=0.0,
        drain_notice=notice,
        host=host,
        replicas={name: f"172.16.21.{number}" for number, name in enumerate(NAMES, 61)},
    )


class Replica(Turns):
    """replica-up on one host."""

    def __init__(self, name: str, program: Any, everyone: Mapping[str, Turns]) -> None:
        super().__init__(name, everyone)
        self.program = program

    def change(self) -> None:
        self.program.take_turns(config(self.name))


@pytest.mark.parametrize(
    "turns", list(itertools.product((0, 1, 2), repeat=3)), ids=lambda turns: "".join(map(str, turns))
)
def test_one_after_the_other(turns: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    program = load("replica-up")
    replicas: dict[str, Replica] = {}
    replicas |= {name: Replica(name, program, replicas) for name in NAMES}
    each = tuple(replicas.values())
    me = whose(each)

    def set_flag(_program: str) -> None:
        me().pause()  # between the look and the flag
        me().flag = True

    for module in (program, roll_order):
        monkeypatch.setattr(module, "pause", lambda seconds: me().pause())
        monkeypatch.setattr(module, "Deadline", TurnsDeadline)
    monkeypatch.setattr(program, "states_of", lambda hosts: {name: {"rolling": replicas[name].flag} for name in hosts})
    monkeypatch.setattr(drain_flag, "take_out", set_flag)
    monkeypatch.setattr(drain_flag, "put_back", lambda: setattr(me(), "flag", False))
    run_in_turns(each, turns, most=3000)


ROOMY = {"status": 200, "draining": False, "full": False, "volume_full": False}


@pytest.mark.parametrize(
    ("others", "notice", "status"),
    [
        ({"r2": ROOMY, "r3": None}, 2.0, 404),
        ({"r2": {**ROOMY, "volume_full": True}, "r3": None}, 2.0, 200),
        ({"r2": {**ROOMY, "full": True}}, 2.0, 200),
        ({"r2": {**ROOMY, "status": 503}}, 2.0, 200),
        ({"r2": None, "r3": None}, 2.0, 200),
        ({"r2": ROOMY}, 0.0, 200),
    ],
)
def test_a_full_volume_sends_new_clients_to_one_that_has_room(
    monkeypatch: pytest.MonkeyPatch, others: dict[str, Any], notice: float, status: int
) -> None:
    """Never where no other takes them, nor where nobody chooses for the clients."""
    monkeypatch.setattr(check_replica, "states_of", lambda hosts: others)

    class Watch:
        def judge(self, lag: Lag) -> tuple[bool, str]:
            return True, "ok: replicates"

    check = check_replica.ReplicaCheck(config(notice=notice), Watch(), user="mysql")
    state = {
        "running": True, "lag_s": 0.0, "connected": True, "replication": "", "full": False,
        "volume_full": True, "volume_free_mib": 12, "volume_mib": 2048,
    }  # fmt: skip
    found = check.judge(state)
    assert found[0] == status
    assert "the volume of /var/lib/mysql is full: 12 of 2048 MiB left" in found[1]
