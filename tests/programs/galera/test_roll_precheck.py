"""May a node be taken out: a table of clusters, and what each refusal says."""

from __future__ import annotations

from typing import Any

import pytest
from roll_precheck import precheck

A, B = "aaaaaaaa-0000-0000-0000-000000000001", "bbbbbbbb-0000-0000-0000-000000000002"
NODES = ["mdb1", "mdb2", "mdb3"]
UP: dict[str, Any] = {
    "running": True,
    "cluster_status": "Primary",
    "cluster_state_uuid": A,
    "local_state": 4,
    "local_state_comment": "Synced",
    "cluster_size": 3,
    "draining": False,
    "rolling": False,
    "grastate": {"uuid": A, "seqno": -1},
}
DOWN = {**UP, "running": False, "process": False}
OUT = "roll: a change by galera-roll, boot=b pid=7"
CUT_SHORT = {"draining": False, "draining_reason": OUT, "roll_cut_short": True}


def states(**changes: dict[str, Any] | None) -> dict[str, Any]:
    return {
        name: None if name in changes and changes[name] is None else {**UP, **(changes.get(name) or {})}
        for name in NODES
    }


def test_whole() -> None:
    assert precheck("mdb2", NODES, states(), out=False).whole


@pytest.mark.parametrize(
    ("changes", "blamed", "words", "todo"),
    [
        ({"mdb1": None}, "mdb1", "does not answer", "declare it lost"),
        ({"mdb1": DOWN}, "mdb1", "does not run MariaDB", "galera-join"),
        ({"mdb1": {**DOWN, "grastate": None}}, "mdb1", "holds no data", "galera-join"),
        ({"mdb1": {**DOWN, "process": True}}, "mdb1", "does not answer SQL yet", "wait"),
        ({"mdb1": {"cluster_status": "non-Primary"}}, "mdb1", "Primary component", "quorum"),
        ({"mdb1": {"local_state": 2, "local_state_comment": "Donor/Desynced"}}, "mdb1", "Donor/Desynced", "Synced"),
        ({"mdb1": {"cluster_state_uuid": B}}, "mdb1", B, "which cluster is right"),
        ({"mdb1": {"draining": True, "draining_reason": "a new disk"}}, "mdb1", "a new disk", "end that"),
        ({"mdb1": {**DOWN, **CUT_SHORT}}, "mdb1", "did not end", "galera-roll --finish"),
        ({"mdb1": {"cluster_size": 2}}, "mdb1", "cluster of 2, not of 3", "hactl status"),
        ({"mdb2": {"local_state": 3, "local_state_comment": "Joined"}}, "mdb2", "Joined", "Synced"),
        (
            {"mdb2": DOWN, "mdb1": {"cluster_size": 2}, "mdb3": {"cluster_size": 2}},
            "mdb2",
            "does not run MariaDB",
            "galera-join",
        ),
        ({"mdb2": {"draining": True, "draining_reason": "a new disk"}}, "mdb2", "a new disk", "end that"),
        ({name: {"cluster_size": 4} for name in NODES}, "mdb1", "cluster of 4, not of 3", "hactl status"),
    ],
)
def test_refused(changes: dict[str, Any], blamed: str, words: str, todo: str) -> None:
    found = precheck("mdb2", NODES, states(**changes), out=False)
    assert not found.whole
    assert words in found.problems[blamed]
    assert blamed in found.words
    assert todo in found.todo


def test_a_node_that_serves_counts_whatever_a_roll_left_there() -> None:
    assert precheck("mdb2", NODES, states(mdb1=CUT_SHORT), out=False).whole


@pytest.mark.parametrize(
    ("mine", "others"), [({"draining": True, "draining_reason": OUT}, 3), (DOWN, 2)], ids=["still up", "down"]
)
def test_the_node_that_a_roll_took_out_is_the_exception(mine: dict[str, Any], others: int) -> None:
    sizes = {"mdb1": {"cluster_size": others}, "mdb3": {"cluster_size": others}}
    assert precheck("mdb2", NODES, states(mdb2=mine, **sizes), out=True).whole
    assert not precheck("mdb2", NODES, states(mdb2=mine, **sizes), out=False).whole
    assert not precheck("mdb2", NODES, states(mdb2=mine, mdb1=None, mdb3={"cluster_size": others - 1}), out=True).whole


REAL = {"vip_on_lo": True, "missing_vips": [], "status": 200}


@pytest.mark.parametrize(
    ("other", "whole"),
    [
        (REAL, True),
        ({**REAL, "status": 503, "read_only": True}, False),
        ({**REAL, "vip_on_lo": False, "missing_vips": ["172.16.21.188"], "status": 503}, False),
        ({"vip_on_lo": True, "missing_vips": []}, False),
    ],
    ids=["serves", "read only", "no VIP on lo", "does not tell its verdict"],
)
def test_somebody_has_to_take_the_clients(other: dict[str, Any], whole: bool) -> None:
    """mdb1 is no real server: it is Synced, but nobody is sent there."""
    seen = states(mdb1={"vip_on_lo": False, "missing_vips": [], "status": 200}, mdb2=REAL, mdb3=other)
    found = precheck("mdb2", NODES, seen, out=False, serving=True)
    assert found.whole is whole
    if not whole:
        assert "mdb3 takes no clients, and nobody would while mdb2 is out" in found.words
    assert precheck("mdb2", NODES, seen, out=False, serving=False).whole, (
        "a node that takes no clients itself leaves nobody alone"
    )
    assert precheck("mdb2", NODES, seen, out=True, serving=True).whole, "a node that is out already has to come back"


def test_a_roll_at_work_elsewhere_is_waited_for_not_refused() -> None:
    away = {"draining": True, "draining_reason": OUT, "rolling": True, "running": False}
    found = precheck("mdb2", NODES, states(mdb1=away, mdb2={"cluster_size": 2}, mdb3={"cluster_size": 2}), out=False)
    assert (found.rolling, found.problems, found.whole) == (["mdb1"], {}, False)


def test_a_lost_node_that_still_is_in_the_cluster_is_seen() -> None:
    found = precheck("mdb1", ["mdb1", "mdb2"], states(), out=False)
    assert "cluster of 3, not of 2" in found.words
    two = states(mdb1={"cluster_size": 2}, mdb2={"cluster_size": 2}, mdb3=None)
    assert precheck("mdb1", ["mdb1", "mdb2"], two, out=False).whole
