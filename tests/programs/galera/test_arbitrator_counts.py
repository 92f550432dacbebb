"""An arbitrator is counted by Galera as a member; the programs tell it from nodes with data."""

from __future__ import annotations

from typing import Any

import pytest
from galera_decision import Bootstrap, Decision, Join, Wait
from galera_state import make_config
from node_facts import Node
from roll_precheck import precheck
from start_decision import decide
from wsrep_figures import counted, members_in_words

A = "aaaaaaaa-0000-0000-0000-000000000001"
ORDER = ["mdb1", "mdb2"]
WHOLE = ("view-7", 3)  # both nodes and the arbitrator
UP = Node(primary=True, synced=True, process=True, data=True, uuid=A, committed=20)


def figures(size: int, addresses: str | None) -> dict[str, str]:
    return {"wsrep_cluster_size": str(size)} | ({} if addresses is None else {"wsrep_incoming_addresses": addresses})


@pytest.mark.parametrize(
    ("size", "addresses", "nodes", "words"),
    [
        (3, "172.16.21.76:0,172.16.21.77:0,", 2, "cluster of 2 and an arbitrator"),
        (3, "172.16.21.76:0,,172.16.21.77:0", 2, "cluster of 2 and an arbitrator"),
        (2, ",172.16.21.76:0", 1, "cluster of 1 and an arbitrator"),
        (4, "a:0,b:0,,", 2, "cluster of 2 and 2 arbitrators"),
        (3, "a:0,b:0,c:0", 3, "cluster of 3"),
        (3, None, 3, "cluster of 3"),
        (0, "", 0, "cluster of 0"),
        (1, "AUTO", 1, "cluster of 1"),
    ],
)
def test_members_are_told_apart(size: int, addresses: str | None, nodes: int, words: str) -> None:
    assert counted(figures(size, addresses)) == {"cluster_size": size, "data_nodes": nodes}
    assert members_in_words(figures(size, addresses)) == words


def state(**changes: Any) -> dict[str, Any]:
    return {
        "running": True,
        "cluster_status": "Primary",
        "cluster_state_uuid": A,
        "local_state": 4,
        "local_state_comment": "Synced",
        "cluster_size": 3,
        "data_nodes": 2,
        "draining": False,
        "rolling": False,
        "grastate": {"uuid": A, "seqno": -1},
    } | changes


def test_a_roll_is_not_refused_for_the_arbitrators_sake() -> None:
    assert precheck("mdb1", ORDER, {"mdb1": state(), "mdb2": state()}, out=False).whole


def test_nor_without_it() -> None:
    """A node that is out leaves one node with data: the arbitrator could not serve in its place."""
    alone = {name: state(cluster_size=2) for name in ORDER}
    assert precheck("mdb1", ORDER, alone, out=False).whole


def test_it_does_not_stand_in_for_a_node() -> None:
    one = state(cluster_size=3, data_nodes=1)
    found = precheck("mdb1", ORDER, {"mdb1": one, "mdb2": state()}, out=False)
    assert "mdb1 sees a cluster of 1, not of 2" in found.words


def test_an_agent_of_before_counts_as_it_did() -> None:
    before = {
        name: {key: value for key, value in state(cluster_size=2).items() if key != "data_nodes"} for name in ORDER
    }
    assert precheck("mdb1", ORDER, before, out=False).whole


def crashed(seqno: int | None, *, view: tuple[str, int] | None = WHOLE, lets: str = "", process: bool = False) -> Node:
    return Node(
        data=True,
        uuid=A,
        recovered=None if seqno is None else (A, seqno),
        view=view,
        starting=True,
        lets=lets,
        process=process,
    )


def decided(me: str, one: Node | None, two: Node | None, **more: Any) -> Decision:
    nodes = dict(zip(ORDER, (one, two), strict=True))
    return decide(me, nodes, ORDER, "", arbitrators=1, **more)


def test_both_crashed_the_later_one_forms_the_cluster_and_nobody_waits_for_the_arbitrator() -> None:
    stands = crashed(9, lets="mdb2 1")
    assert isinstance(decided("mdb2", crashed(7, lets="mdb2 1"), stands), Bootstrap)
    waits = decided("mdb1", crashed(7), stands)
    assert isinstance(waits, Wait)
    assert "mdb2 forms the cluster again" in waits.why


@pytest.mark.parametrize("view", [WHOLE, ("view-8", 2), ("view-9", 1), None])
def test_one_node_and_the_arbitrator_never_form_it(view: tuple[str, int] | None) -> None:
    """The other node may hold the last transaction, however long it is silent."""
    found = decided("mdb1", crashed(7, view=view), None, silent=("mdb2",))
    assert isinstance(found, Wait)
    assert "mdb2" in found.why


def test_of_four_nodes_three_are_needed() -> None:
    order = ["mdb1", "mdb2", "mdb3", "mdb4"]
    view = ("view-5", 5)
    for known, goes in ((3, True), (2, False)):
        nodes: dict[str, Node | None] = {
            name: crashed(7, view=view, lets="mdb1 1") if index < known else None for index, name in enumerate(order)
        }
        missing = [name for name in order if nodes[name] is None]
        found = decide("mdb1", nodes, order, "", arbitrators=1, silent=missing)
        assert isinstance(found, Bootstrap) is goes, found


def test_somebody_is_primary_with_the_arbitrator() -> None:
    assert isinstance(decided("mdb1", crashed(7), UP), Join)


def test_a_node_that_runs_without_quorum_gets_the_other_one_back() -> None:
    """The other node and the arbitrator lost power at once. Each comes back as the member that it was."""
    assert isinstance(decided("mdb1", crashed(7), crashed(7, process=True)), Join)
    without = decide("mdb1", dict(zip(ORDER, (crashed(7), crashed(7, process=True)), strict=True)), ORDER, "")
    assert isinstance(without, Wait), "a third node would have to be there first"


def test_a_node_that_was_let_go_first_is_waited_for_until_it_is_primary() -> None:
    """It runs because it forms the cluster, not because it was there all the time."""
    found = decided("mdb1", crashed(7, lets="mdb2 1"), crashed(7, lets="mdb2 1", process=True))
    assert isinstance(found, Wait), found


def test_the_arbitrator_is_no_node() -> None:
    env = {"NODE": "mdb1", "NODES": "mdb1=10.0.0.1 mdb2=10.0.0.2", "AGENT_PORT": "9200", "ARBITRATOR": "arb1=10.0.0.3"}
    config = make_config(env)
    assert config.arbitrators == 1
    assert list(config.nodes) == ORDER
    assert list(config.peers) == ["mdb2"]
    assert make_config({key: value for key, value in env.items() if key != "ARBITRATOR"}).arbitrators == 0
