"""The decision who starts how: a table of situations, and properties that must hold in all of them."""

from __future__ import annotations

import dataclasses

import pytest
from galera_decide import Bootstrap, Decision, Join, Recover, Refuse, Wait, decide
from galera_facts import NO_UUID, Node, node_from_state
from hypothesis import given, settings
from hypothesis import strategies as st

A, B = "aaaaaaaa-0000-0000-0000-000000000001", "bbbbbbbb-0000-0000-0000-000000000002"
ORDER = ["mdb1", "mdb2", "mdb3"]
EMPTY = Node()
UP = Node(primary=True, synced=True, process=True, data=True, uuid=A, committed=20)
JOINING = Node(process=True, data=True, uuid=A)


def clean(seqno: int, *, safe: bool = False, uuid: str = A, starting: bool = True) -> Node:
    return Node(data=True, uuid=uuid, seqno=seqno, safe=safe, starting=starting)


def crashed(*, found: int | None = None, view: tuple[str, int] | None = None, uuid: str = A) -> Node:
    return Node(data=True, uuid=uuid, seqno=-1, recovered=None if found is None else (uuid, found), view=view, starting=True)


def stateless(found: tuple[str, int] | None = None, *, joining: bool = False, view: tuple[str, int] | None = None) -> Node:
    """Data, and a state file that names no cluster; `found` by --wsrep-recover."""
    return Node(data=True, recovered=found, joining=joining, view=view, starting=True)


def decisions(one: Node | None, two: Node | None, three: Node | None, reference: str = "mdb1", **more: bool) -> list[Decision]:
    nodes = dict(zip(ORDER, (one, two, three), strict=True))
    return [decide(me, nodes, ORDER, reference, **more) for me in ORDER]


V3 = ("view-7", 3)
V2 = ("view-8", 2)
V1 = ("view-9", 1)
TABLE = {
    # name: (three nodes, what each decides)
    "clean, the last one flagged": ((clean(5), clean(6), clean(7, safe=True)), (Wait, Wait, Bootstrap)),
    "clean, all equal: the reference node": ((clean(7), clean(7), clean(7)), (Bootstrap, Wait, Wait)),
    "clean, tie without the reference node": ((clean(6), clean(7), clean(7)), (Wait, Bootstrap, Wait)),
    "a tie goes to the flagged one": ((clean(7), clean(7), clean(7, safe=True)), (Wait, Wait, Bootstrap)),
    "an empty node never wins": ((EMPTY, clean(3), clean(2)), (Wait, Bootstrap, Wait)),
    "all empty": ((EMPTY, EMPTY, EMPTY), (Refuse, Refuse, Refuse)),
    "one node does not answer": ((clean(7, safe=True), clean(6), None), (Wait, Wait, Wait)),
    "different clusters": ((clean(7), clean(7), clean(9, uuid=B)), (Refuse, Refuse, Refuse)),
    "two flagged": ((clean(7, safe=True), clean(7, safe=True), clean(7)), (Refuse, Refuse, Refuse)),
    "flagged but behind": ((clean(7), clean(6, safe=True), clean(7)), (Refuse, Refuse, Refuse)),
    "somebody is Primary": ((UP, clean(6), clean(6)), (None, Join, Wait)),
    "one at a time": ((UP, JOINING, clean(6)), (None, None, Wait)),
    "the earlier one is not starting": ((UP, clean(6, starting=False), clean(6)), (None, None, Join)),
    "an empty node joins a Primary": ((UP, UP, EMPTY), (None, None, Join)),
    "data of another cluster is not overwritten": ((UP, UP, clean(9, uuid=B)), (None, None, Refuse)),
    "power-cut of all: the last view": ((crashed(view=V3),) * 3, (Join, Join, Join)),
    "the last view is not whole": ((crashed(view=V3), crashed(view=V3), None), (Wait, Wait, Wait)),
    "a node that had left the view: positions count": ((clean(4), crashed(view=V2), crashed(view=V2)), (Wait, Recover, Recover)),
    "a node that had left the view holds more": ((clean(9), crashed(found=7, view=V2), crashed(found=8, view=V2)), (Bootstrap, Wait, Wait)),
    "the rest of the view lost its disk": ((EMPTY, crashed(view=V2), crashed(view=V2)), (Wait, Join, Join)),
    "alone in its view, the others hold more": ((crashed(found=3, view=V1), clean(9), clean(8)), (Wait, Bootstrap, Wait)),
    "alone in its view, the others do not answer": ((crashed(view=V1), None, None), (Wait, Wait, Wait)),
    "alone in its view, the others are empty": ((crashed(view=V1), EMPTY, EMPTY), (Join, Wait, Wait)),
    "two whole views": ((crashed(view=V1), crashed(view=V2), crashed(view=V2)), (Recover, Recover, Recover)),
    "one view, other clusters": ((crashed(view=V3), crashed(view=V3), crashed(view=V3, uuid=B)), (Refuse, Refuse, Refuse)),
    "power-cut during a DDL: one view, no UUID": ((stateless(view=V3),) * 3, (Recover, Recover, Recover)),
    "the same, positions known": ((stateless((A, 7)), stateless((A, 8)), stateless((A, 7))), (Refuse, Refuse, Refuse)),
    "a view with one member without a UUID": ((crashed(view=V3), crashed(view=V3), stateless(view=V3)), (Recover, Recover, Recover)),
    "the first disk lost during a DDL": ((EMPTY, stateless(), stateless()), (Wait, Recover, Recover)),
    "the same, recovered": ((EMPTY, stateless((A, 7)), stateless((A, 7))), (Refuse, Refuse, Refuse)),
    "without a state file and later": ((clean(5), stateless((A, 105)), stateless((A, 105))), (Refuse, Refuse, Refuse)),
    "without a state file, not later": ((clean(5), stateless((A, 5)), stateless((A, 4))), (Bootstrap, Wait, Wait)),
    "a restored backup of no cluster": ((clean(5), clean(5), stateless((NO_UUID, -1))), (Refuse, Refuse, Refuse)),
    "a recovery that failed": ((clean(5), clean(5), stateless(("", -1))), (Refuse, Refuse, Refuse)),
    "without a state file, of another cluster": ((clean(5), clean(5), stateless((B, 1))), (Refuse, Refuse, Refuse)),
    "a transfer that was cut short, all down": ((clean(5), clean(5), stateless(("", -1), joining=True)), (Bootstrap, Wait, Wait)),
    "a transfer that was cut short, and nothing else": ((EMPTY, EMPTY, stateless(("", -1), joining=True)), (Refuse, Refuse, Refuse)),
    "a join that was cut short goes on": ((UP, UP, stateless(joining=True)), (None, None, Join)),
    "to join over data of unknown position": ((UP, UP, stateless()), (None, None, Recover)),
    "to join over data that the cluster has": ((UP, UP, stateless((A, 20))), (None, None, Join)),
    "to join over data that the cluster lacks": ((UP, UP, stateless((A, 21))), (None, None, Refuse)),
    "the same with a state file": ((UP, UP, clean(21)), (None, None, Refuse)),
    "with the last transaction of the cluster": ((UP, UP, clean(20)), (None, None, Join)),
    "to join over data of another cluster, recovered": ((UP, UP, stateless((B, 1))), (None, None, Refuse)),
    "to join over data of no cluster": ((UP, UP, stateless((NO_UUID, -1))), (None, None, Refuse)),
    "to join over data that cannot be read": ((UP, UP, stateless(("", -1))), (None, None, Refuse)),
    "a Primary that has not told its position": ((dataclasses.replace(UP, committed=None), EMPTY, stateless((A, 1))), (None, Join, Wait)),
    "crashed, positions unknown": ((crashed(), crashed(), clean(5)), (Recover, Recover, Wait)),
    "crashed, positions known": ((crashed(found=7), crashed(found=8), clean(5)), (Wait, Bootstrap, Wait)),
    "a position that cannot be known": ((clean(7), clean(7), Node(data=True, uuid=A, recovered=("", -1))), (Refuse, Refuse, Refuse)),
    "recovered from another cluster": ((clean(7), clean(7), Node(data=True, uuid=A, recovered=(B, 99))), (Refuse, Refuse, Refuse)),
    "a node begins to start just now": ((clean(7), clean(7), Node(process=True, data=True, uuid=A, seqno=5)), (Wait, Wait, None)),
    "a node runs without quorum": ((clean(7), clean(7), JOINING), (Wait, Wait, None)),
}


@pytest.mark.parametrize("name", TABLE)
def test_table(name: str) -> None:
    nodes, expected = TABLE[name]
    for me, found, kind in zip(ORDER, decisions(*nodes), expected, strict=True):
        assert kind is None or isinstance(found, kind), f"{me}: {found}"


def test_patience_ends() -> None:
    assert isinstance(decisions(UP, clean(6), clean(6), patient=False)[2], Join)


def test_without_reference_node_the_first_wins() -> None:
    assert isinstance(decisions(clean(7), clean(7), clean(7), reference="")[0], Bootstrap)


def test_refusal_names_both_and_the_remedy() -> None:
    refusal = decisions(clean(7), clean(7), clean(9, uuid=B))[0]
    assert isinstance(refusal, Refuse)
    assert A in refusal.why
    assert B in refusal.why
    assert "data director" in refusal.todo


DISCARDED = {
    # name: (three nodes, what each decides when mdb3's data may go)
    "no word is used where none is needed": ((clean(7), clean(7), clean(9)), (Wait, Wait, Bootstrap)),
    "another cluster": ((clean(7), clean(6), clean(9, uuid=B)), (Bootstrap, Wait, Wait)),
    "unreadable": ((clean(7), clean(6), stateless(("", -1))), (Bootstrap, Wait, Wait)),
    "still to be recovered first": ((clean(7), clean(6), stateless()), (Wait, Wait, Recover)),
    "a refusal of another kind": ((clean(7), clean(6, uuid=B), clean(9)), (Refuse, Refuse, Refuse)),
    "to join": ((UP, UP, clean(9, uuid=B)), (None, None, Join)),
    "to join with later data": ((UP, UP, clean(21)), (None, None, Join)),
}


@pytest.mark.parametrize("name", DISCARDED)
def test_the_word_to_discard(name: str) -> None:
    nodes, expected = DISCARDED[name]
    for me, state in zip(ORDER, nodes, strict=True):
        found = decide(me, dict(zip(ORDER, nodes, strict=True)), ORDER, "mdb1", discard=["mdb3"])
        kind = expected[ORDER.index(me)]
        assert kind is None or isinstance(found, kind), f"{me} {state}: {found}"
        assert kind is not Join or (isinstance(found, Join) and found.discard)


def test_the_word_for_another_node_does_not_help() -> None:
    nodes = dict(zip(ORDER, (UP, UP, clean(9, uuid=B)), strict=True))
    assert isinstance(decide("mdb3", nodes, ORDER, "mdb1", discard=["mdb2"]), Refuse)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ((clean(5), clean(5), stateless(("", -1))), ("mdb3 holds data", "cannot be recovered", "discard_data_of: [mdb3]", "save its data directory")),
        ((clean(5), clean(5), stateless((NO_UUID, -1))), ("mdb3 holds data", "never was in a cluster", "restored backup", "discard_data_of: [mdb3]")),
        ((stateless((A, 7)), stateless((A, 8)), EMPTY), (f"mdb1 {A}:7 (state file lost)", f"mdb2 {A}:8", "DDL", "runbook", "save")),
        ((UP, UP, stateless((A, 21))), ("seqno 21", "Primary at 20", "lose", "discard_data_of: [mdb3]")),
        ((UP, UP, stateless((B, 1))), (A, B, "overwrite", "discard_data_of: [mdb3]")),
    ],
)
def test_refusals_say_whose_data_and_what_to_save(nodes: tuple[Node, Node, Node], words: tuple[str, ...]) -> None:
    refusal = decisions(*nodes)[2]
    assert isinstance(refusal, Refuse)
    for word in words:
        assert word in f"{refusal.why} {refusal.todo}"


STATE = {"data_disk": "present", "holds": "data", "grastate": {"uuid": A, "seqno": 7, "safe_to_bootstrap": 1}}
RUNS = {**STATE, "running": True, "cluster_status": "Primary", "local_state": 4, "cluster_state_uuid": B, "last_committed": 9}
FROM_STATE = {
    "no answer": (None, None),
    "a volume that is not mounted": ({"data_disk": "missing", "holds": "data"}, None),
    "clean": (STATE, Node(data=True, uuid=A, seqno=7, safe=True)),
    "nothing": ({"holds": "nothing", "grastate": None}, Node()),
    "system tables": ({"holds": "system tables", "grastate": None}, Node()),
    "no word about what it holds": ({"grastate": None}, Node(data=True)),
    "unreadable": ({"holds": "unreadable"}, Node(data=True)),
    "a state file without data": ({**STATE, "holds": "nothing"}, Node(seqno=7, safe=True)),
    "a zero UUID": ({**STATE, "grastate": {"uuid": NO_UUID, "seqno": -1, "safe_to_bootstrap": 0}}, Node(data=True)),
    "no seqno": ({**STATE, "grastate": {"uuid": A}}, Node(data=True, uuid=A)),
    "flagged with another number": ({**STATE, "grastate": {"uuid": A, "safe_to_bootstrap": 2}}, Node(data=True, uuid=A)),
    "a view": ({**STATE, "gvw": {"view": "v", "members": 2}}, Node(data=True, uuid=A, seqno=7, safe=True, view=("v", 2))),
    "recovered": ({**STATE, "recovered": {"uuid": A, "seqno": 3}}, Node(data=True, uuid=A, seqno=7, safe=True, recovered=(A, 3))),
    "runs": (RUNS, Node(primary=True, synced=True, process=True, data=True, uuid=B, seqno=7, safe=True, committed=9)),
    "runs as a donor": ({**RUNS, "local_state": 2}, Node(primary=True, process=True, data=True, uuid=B, seqno=7, safe=True, committed=9)),
    "runs without quorum": ({**RUNS, "cluster_status": "non-Primary"}, Node(process=True, data=True, uuid=B, seqno=7, safe=True, committed=9)),
    "runs on what was empty": ({**RUNS, "holds": "nothing"}, Node(primary=True, synced=True, process=True, data=True, uuid=B, seqno=7, safe=True, committed=9)),
    "figures of a server that is down": ({**RUNS, "running": False}, Node(data=True, uuid=A, seqno=7, safe=True)),
    "a process": ({**STATE, "process": True, "starting": True}, Node(process=True, starting=True, data=True, uuid=A, seqno=7, safe=True)),
    "joining": ({**STATE, "joining": True}, Node(data=True, uuid=A, seqno=7, safe=True, joining=True)),
}


@pytest.mark.parametrize("name", FROM_STATE)
def test_node_from_state(name: str) -> None:
    state, node = FROM_STATE[name]
    assert node_from_state(state) == node


POSITIONS = [
    (clean(0), 0, True, A),
    (Node(data=True, seqno=5), None, False, None),  # a seqno without a UUID says nothing
    (Node(data=True, uuid=A), None, False, A),
    (Node(data=True, uuid=A, recovered=(A, 0)), 0, True, A),
    (Node(data=True, uuid=A, recovered=(B, 3)), 3, False, A),
    (Node(data=True, uuid=A, recovered=(A, -1)), -1, False, A),
    (Node(data=True, recovered=(B, 3)), 3, True, B),
    (Node(data=True, recovered=(NO_UUID, -1)), -1, False, None),
    (Node(data=True, recovered=("", -1)), -1, False, None),
]


@pytest.mark.parametrize(("node", "position", "proven", "history"), POSITIONS)
def test_what_a_node_can_prove(node: Node, position: int | None, proven: bool, history: str | None) -> None:
    assert (node.position, node.proven, node.history) == (position, proven, history)


seqnos = st.integers(-1, 4)
nodes = st.none() | st.builds(
    Node,
    primary=st.just(False),
    process=st.booleans(),
    starting=st.booleans(),
    data=st.booleans(),
    joining=st.booleans(),
    uuid=st.sampled_from([None, A, A, A, B]),
    seqno=seqnos,
    safe=st.booleans(),
    view=st.none() | st.tuples(st.sampled_from(["v1", "v2"]), st.integers(1, 3)),
    recovered=st.none() | st.tuples(st.sampled_from([A, A, A, B]), seqnos),
).map(lambda node: node if node.data else node.blank())


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[str], dict[str, Node | None], str]:
    order = [f"n{number}" for number in range(draw(st.integers(1, 5)))]
    return order, {name: draw(nodes) for name in order}, draw(st.sampled_from(["", *order]))


@settings(max_examples=2000, deadline=None)
@given(clusters())
def test_never_two_winners_and_never_over_data(cluster: tuple[list[str], dict[str, Node | None], str]) -> None:
    order, states, reference = cluster
    winners = [me for me in order if states[me] and isinstance(decide(me, states, order, reference), Bootstrap)]
    assert len(winners) <= 1
    for me in winners:
        mine = states[me]
        assert mine is not None
        assert all(states.values()), "bootstrapped although a node is unaccounted for"
        assert mine.uuid, "an empty node bootstrapped"
        assert mine.proven
        for other in states.values():
            assert other is not None
            cut_short = other.joining and not other.uuid and not other.proven
            assert not other.data or cut_short or (other.history == mine.uuid and other.proven and (other.position or 0) <= (mine.position or 0))


@settings(max_examples=1000, deadline=None)
@given(clusters(), st.data())
def test_views_that_differ_by_silence_make_no_second_winner(cluster: tuple[list[str], dict[str, Node | None], str], data: st.DataObject) -> None:
    """Nodes see the same facts, or fewer: an answer may be missing for one and not for the other."""
    order, states, reference = cluster
    winners = []
    for me in order:
        if states[me] is None:
            continue
        seen = {name: state if name == me or data.draw(st.booleans()) else None for name, state in states.items()}
        if isinstance(decide(me, seen, order, reference), Bootstrap):
            winners.append(me)
    assert len(winners) <= 1


@settings(max_examples=1000, deadline=None)
@given(clusters())
def test_nobody_bootstraps_beside_a_primary(cluster: tuple[list[str], dict[str, Node | None], str]) -> None:
    order, states, reference = cluster
    states = {**states, "up": UP}
    for me in order:
        if states[me]:
            found = decide(me, states, [*order, "up"], reference)
            assert isinstance(found, Join | Wait | Refuse | Recover)
            mine = states[me]
            if isinstance(found, Join) and mine and mine.data and not (mine.joining and not mine.uuid):
                assert mine.history == A, "joining would overwrite data of another cluster, or of none"
                assert mine.uuid or mine.proven


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=5))
def test_a_clean_shutdown_always_ends_in_one_bootstrap(facts: list[tuple[int, bool]]) -> None:
    """All stopped in order, at most one flagged, and that one among the last: the cluster forms unattended."""
    highest = max(seqno for seqno, _ in facts)
    flagged = next((index for index, (seqno, safe) in enumerate(facts) if safe and seqno == highest), None)
    order = [f"n{index}" for index in range(len(facts))]
    states: dict[str, Node | None] = {name: clean(seqno, safe=index == flagged) for index, (name, (seqno, _)) in enumerate(zip(order, facts, strict=True))}
    found = [decide(me, states, order, order[0]) for me in order]
    assert sum(isinstance(one, Bootstrap) for one in found) == 1
    assert all(isinstance(one, Bootstrap | Wait) for one in found)


@settings(max_examples=500, deadline=None)
@given(clusters())
def test_every_word_is_said(cluster: tuple[list[str], dict[str, Node | None], str]) -> None:
    order, states, reference = cluster
    for me in order:
        found = decide(me, states, order, reference)
        assert all(getattr(found, field.name) != "" for field in dataclasses.fields(found))
