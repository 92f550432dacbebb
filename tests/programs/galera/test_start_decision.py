"""The decision who starts how: a table of situations, and properties that must hold in all of them."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from start_decision import Bootstrap, Decision, Join, Node, Recover, Refuse, Wait, decide, node_from_state

A, B = "aaaaaaaa-0000-0000-0000-000000000001", "bbbbbbbb-0000-0000-0000-000000000002"
ORDER = ["mdb1", "mdb2", "mdb3"]
EMPTY = Node()
UP = Node(primary=True, synced=True, process=True, uuid=A)
JOINING = Node(process=True, uuid=A)


def clean(seqno: int, *, safe: bool = False, uuid: str = A, starting: bool = True) -> Node:
    return Node(uuid=uuid, seqno=seqno, safe=safe, starting=starting)


def crashed(*, found: int | None = None, view: tuple[str, int] | None = None, uuid: str = A) -> Node:
    return Node(uuid=uuid, seqno=-1, recovered=None if found is None else (uuid, found), view=view, starting=True)


def decisions(
    one: Node | None, two: Node | None, three: Node | None, reference: str = "mdb1", **more: bool
) -> list[Decision]:
    nodes = dict(zip(ORDER, (one, two, three), strict=True))
    return [decide(me, nodes, ORDER, reference, **more) for me in ORDER]


V3 = ("view-7", 3)
V2 = ("view-8", 2)
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
    "a node that had left the view waits": ((clean(4), crashed(view=V2), crashed(view=V2)), (Wait, Join, Join)),
    "crashed, positions unknown": ((crashed(), crashed(), clean(5)), (Recover, Recover, Wait)),
    "crashed, positions known": ((crashed(found=7), crashed(found=8), clean(5)), (Wait, Bootstrap, Wait)),
    "a position that cannot be known": (
        (clean(7), clean(7), Node(uuid=A, recovered=("", -1))),
        (Refuse, Refuse, Refuse),
    ),
    "recovered from another cluster": ((clean(7), clean(7), Node(uuid=A, recovered=(B, 99))), (Refuse, Refuse, Refuse)),
    "a node begins to start just now": ((clean(7), clean(7), Node(process=True, uuid=A, seqno=5)), (Wait, Wait, None)),
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


def test_unmounted_data_volume_is_not_an_empty_node() -> None:
    assert node_from_state({"data_disk": "missing", "grastate": None}) is None


seqnos = st.integers(-1, 4)
nodes = st.none() | st.builds(
    Node,
    primary=st.just(False),
    process=st.booleans(),
    starting=st.booleans(),
    uuid=st.sampled_from([None, A, A, A, B]),
    seqno=seqnos,
    safe=st.booleans(),
    view=st.none() | st.tuples(st.sampled_from(["v1", "v2"]), st.integers(1, 3)),
    recovered=st.none() | st.tuples(st.sampled_from([A, A, A, B]), seqnos),
)


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
            assert not other.uuid or (
                other.uuid == mine.uuid and other.proven and (other.position or 0) <= (mine.position or 0)
            )


@settings(max_examples=1000, deadline=None)
@given(clusters(), st.data())
def test_views_that_differ_by_silence_make_no_second_winner(
    cluster: tuple[list[str], dict[str, Node | None], str], data: st.DataObject
) -> None:
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
            assert isinstance(found, Join | Wait | Refuse)
            mine = states[me]
            assert not isinstance(found, Join) or mine is None or mine.uuid in (None, A), (
                "joining would overwrite another cluster's data"
            )


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=5))
def test_a_clean_shutdown_always_ends_in_one_bootstrap(facts: list[tuple[int, bool]]) -> None:
    """All stopped in order, at most one flagged, and that one among the last: the cluster forms unattended."""
    highest = max(seqno for seqno, _ in facts)
    flagged = next((index for index, (seqno, safe) in enumerate(facts) if safe and seqno == highest), None)
    order = [f"n{index}" for index in range(len(facts))]
    states: dict[str, Node | None] = {
        name: clean(seqno, safe=index == flagged)
        for index, (name, (seqno, _)) in enumerate(zip(order, facts, strict=True))
    }
    found = [decide(me, states, order, order[0]) for me in order]
    assert sum(isinstance(one, Bootstrap) for one in found) == 1
    assert all(isinstance(one, Bootstrap | Wait) for one in found)


@settings(max_examples=500, deadline=None)
@given(clusters())
def test_every_word_is_said(cluster: tuple[list[str], dict[str, Node | None], str]) -> None:
    order, states, reference = cluster
    for me in order:
        found = decide(me, states, order, reference)
        assert all(getattr(found, field.name) for field in dataclasses.fields(found))
