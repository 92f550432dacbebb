"""The decision who starts how: a table of situations, and properties that must hold in all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from galera_decision import Bootstrap, Decision, Join, Recover, Refuse, Wait
from galera_form import left_out
from hypothesis import given, settings
from hypothesis import strategies as st
from node_facts import NO_UUID, Formed, Node, node_from_state
from start_decision import decide

A, B = "aaaaaaaa-0000-0000-0000-000000000001", "bbbbbbbb-0000-0000-0000-000000000002"
ORDER = ["mdb1", "mdb2", "mdb3"]
EMPTY = Node()
UP = Node(primary=True, synced=True, process=True, data=True, uuid=A, committed=20)
JOINING = Node(process=True, data=True, uuid=A)


def clean(seqno: int, *, safe: bool = False, uuid: str = A, starting: bool = True, lets: str = "") -> Node:
    """Stopped in order, its position learned from InnoDB."""
    return Node(data=True, uuid=uuid, recovered=(uuid, seqno), safe=safe, starting=starting, lets=lets)


def crashed(found: int | None = 7, *, view: tuple[str, int] | None = None, uuid: str = A, lets: str = "") -> Node:
    return Node(
        data=True, uuid=uuid, recovered=None if found is None else (uuid, found), view=view, starting=True, lets=lets
    )


def stateless(
    found: tuple[str, int] | None = None, *, joining: bool = False, view: tuple[str, int] | None = None
) -> Node:
    """Data, and a state file that names no cluster; `found` by --wsrep-recover."""
    return Node(data=True, recovered=found, joining=joining, view=view, starting=True)


def decisions(
    one: Node | None, two: Node | None, three: Node | None, reference: str = "mdb1", **more: Any
) -> list[Decision]:
    """What each decides once the one that stands has been seen to stand, and has the others' word."""
    return settled(dict(zip(ORDER, (one, two, three), strict=True)), ORDER, reference, **more)


def settled(nodes: Mapping[str, Node | None], order: Sequence[str], reference: str, **more: Any) -> list[Decision]:
    """The decisions once nobody changes his word any more."""
    nodes = dict(nodes)
    for _ in range(6):
        found = [decide(me, nodes, order, reference, **more) for me in order]
        for me, decision in zip(order, found, strict=True):
            node = nodes[me]
            if node and isinstance(decision, Wait) and decision.lets:
                lets = decision.lets if decision.lets != me else f"{me} 1"
                nodes[me] = dataclasses.replace(node, lets=lets)
    return found


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
    "the same before the positions are known": (
        (crashed(None, view=V3), crashed(view=V3), crashed(view=V3)),
        (Recover, Wait, Wait),
    ),
    "a majority of the last view, the third not answering yet": (
        (crashed(view=V3), crashed(view=V3), None),
        (Wait, Wait, Wait),
    ),
    "one of the last view": ((crashed(view=V3), None, None), (Wait, Wait, Wait)),
    "the survivors' last view, the dead third is not needed": (
        (crashed(view=V2), crashed(view=V2), None),
        (Join, Join, Wait),
    ),
    "the survivors' last view during a DDL, the third not answering yet": (
        (stateless((A, 7), view=V2), crashed(view=V2), None),
        (Wait, Wait, Wait),
    ),
    "a node that had left the view": ((clean(4), crashed(view=V2), crashed(view=V2)), (Wait, Join, Join)),
    "a node that had left the view holds more": (
        (clean(9), crashed(7, view=V2), crashed(8, view=V2)),
        (Bootstrap, Wait, Wait),
    ),
    "a node that had left the view is of another cluster": (
        (clean(4, uuid=B), crashed(view=V2), crashed(view=V2)),
        (Refuse, Refuse, Refuse),
    ),
    "a node that had left the view is not read yet": (
        (crashed(None), crashed(view=V2), crashed(view=V2)),
        (Recover, Wait, Wait),
    ),
    "a node that had left the view cannot be read": (
        (stateless(("", -1)), crashed(view=V2), crashed(view=V2)),
        (Refuse, Refuse, Refuse),
    ),
    "the rest of the view lost its disk": ((EMPTY, crashed(view=V2), crashed(view=V2)), (Wait, Join, Join)),
    "alone in its view, the others hold more": ((crashed(3, view=V1), clean(9), clean(8)), (Wait, Bootstrap, Wait)),
    "alone in its view, the others do not answer": ((crashed(view=V1), None, None), (Wait, Wait, Wait)),
    "alone in its view, one other is empty": ((crashed(view=V1), EMPTY, None), (Wait, Wait, Wait)),
    "alone in its view, the others are empty": ((crashed(view=V1), EMPTY, EMPTY), (Join, Wait, Wait)),
    "two whole views": ((crashed(view=V1), crashed(8, view=V2), crashed(view=V2)), (Wait, Bootstrap, Wait)),
    "one view, other clusters": (
        (crashed(view=V3), crashed(view=V3), crashed(view=V3, uuid=B)),
        (Refuse, Refuse, Refuse),
    ),
    "power-cut during a DDL: one view, no UUID": ((stateless(view=V3),) * 3, (Recover, Recover, Recover)),
    "the same, positions known": (
        (stateless((A, 7), view=V3), stateless((A, 8), view=V3), stateless((A, 7), view=V3)),
        (Refuse, Refuse, Refuse),
    ),
    "a view with one member without a UUID": (
        (crashed(8, view=V3), crashed(view=V3), stateless((A, 8), view=V3)),
        (Bootstrap, Wait, Wait),
    ),
    "the first disk lost during a DDL": ((EMPTY, stateless(), stateless()), (Wait, Recover, Recover)),
    "the same, recovered": ((EMPTY, stateless((A, 7)), stateless((A, 7))), (Refuse, Refuse, Refuse)),
    "without a state file and later": ((clean(5), stateless((A, 105)), stateless((A, 105))), (Refuse, Refuse, Refuse)),
    "without a state file, not later": ((clean(5), stateless((A, 5)), stateless((A, 4))), (Bootstrap, Wait, Wait)),
    "a state file of another cluster does not vouch": (
        (clean(5), Node(data=True, uuid=B, recovered=(A, 6)), clean(5)),
        (Refuse, Refuse, Refuse),
    ),
    "a restored backup of no cluster": ((clean(5), clean(5), stateless((NO_UUID, -1))), (Refuse, Refuse, Refuse)),
    "a recovery that failed": ((clean(5), clean(5), stateless(("", -1))), (Refuse, Refuse, Refuse)),
    "without a state file, of another cluster": ((clean(5), clean(5), stateless((B, 1))), (Refuse, Refuse, Refuse)),
    "a transfer that was cut short, all down": (
        (clean(5), clean(5), stateless(("", -1), joining=True)),
        (Bootstrap, Wait, Wait),
    ),
    "a transfer that was cut short, its data whole": (
        (clean(5), clean(5), stateless((A, 6), joining=True)),
        (Refuse, Refuse, Refuse),
    ),
    "a transfer that was cut short, and nothing else": (
        (EMPTY, EMPTY, stateless(("", -1), joining=True)),
        (Refuse, Refuse, Refuse),
    ),
    "a join that was cut short is looked at": ((UP, UP, stateless(joining=True)), (None, None, Recover)),
    "a join that was cut short goes on": ((UP, UP, stateless(("", -1), joining=True)), (None, None, Join)),
    "a join that was cut short, its data of another cluster": (
        (UP, UP, stateless((B, 3), joining=True)),
        (None, None, Refuse),
    ),
    "to join over data of unknown position": ((UP, UP, stateless()), (None, None, Recover)),
    "to join with a state file that may be old": ((UP, UP, crashed(None)), (None, None, Recover)),
    "to join over data that the cluster has": ((UP, UP, stateless((A, 20))), (None, None, Join)),
    "to join over data that the cluster lacks": ((UP, UP, stateless((A, 21))), (None, None, Refuse)),
    "the same with a state file": ((UP, UP, clean(21)), (None, None, Refuse)),
    "with the last transaction of the cluster": ((UP, UP, clean(20)), (None, None, Join)),
    "the one that is furthest counts": ((dataclasses.replace(UP, committed=19), UP, clean(20)), (None, None, Join)),
    "to join over data of another cluster, recovered": ((UP, UP, stateless((B, 1))), (None, None, Refuse)),
    "to join over data of no cluster": ((UP, UP, stateless((NO_UUID, -1))), (None, None, Refuse)),
    "to join over data that cannot be read": ((UP, UP, stateless(("", -1))), (None, None, Refuse)),
    "a Primary that has not told its position": (
        (dataclasses.replace(UP, committed=None), EMPTY, stateless((A, 1))),
        (None, Join, Wait),
    ),
    "crashed, positions unknown": ((crashed(None), crashed(None), clean(5)), (Recover, Recover, Wait)),
    "crashed, positions known": ((crashed(7), crashed(8), clean(5)), (Wait, Bootstrap, Wait)),
    "a position that cannot be known": (
        (clean(7), clean(7), Node(data=True, uuid=A, recovered=("", -1))),
        (Refuse, Refuse, Refuse),
    ),
    "recovered from another cluster": (
        (clean(7), clean(7), Node(data=True, uuid=A, recovered=(B, 99))),
        (Refuse, Refuse, Refuse),
    ),
    "a node begins to start just now": ((clean(7), clean(7), JOINING), (Wait, Wait, None)),
    "an outsider as far as the view": ((clean(7), crashed(view=V2), crashed(view=V2)), (Wait, Join, Join)),
    "an outsider with a UUID but no position": (
        (Node(data=True, uuid=A, recovered=(A, -1)), crashed(view=V2), crashed(view=V2)),
        (Refuse, Refuse, Refuse),
    ),
    "a flag that nobody vouches for": (
        (clean(5), clean(5, safe=True), Node(data=True, uuid=B, recovered=(A, 4), safe=True)),
        (Wait, Bootstrap, Wait),
    ),
    "a silent node beside a Primary": ((UP, None, clean(6)), (None, Wait, Join)),
    "the first one is silent": ((None, UP, clean(6)), (Wait, None, Join)),
    "the second one is Primary": ((EMPTY, UP, clean(6)), (Join, None, Join)),
    "an earlier one is started and Synced": (
        (dataclasses.replace(UP, starting=True), UP, clean(6)),
        (None, None, Join),
    ),
    "later than the Primary, not than one without quorum": (
        (UP, dataclasses.replace(JOINING, committed=30), clean(25)),
        (None, None, Refuse),
    ),
    "one Primary has told its position": ((dataclasses.replace(UP, committed=None), UP, clean(20)), (None, None, Join)),
    "members of the last view begin to start": (
        (crashed(view=V3), Node(process=True, data=True, uuid=A, view=V3), crashed(view=V3)),
        (Join, None, Join),
    ),
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
    "one that does not answer": ((clean(7), clean(6), None), (Wait, Wait, Wait)),
    "a refusal of another kind": ((clean(7), clean(6, uuid=B), clean(9)), (Refuse, Refuse, Refuse)),
    "to join": ((UP, UP, clean(9, uuid=B)), (None, None, Join)),
    "to join with later data": ((UP, UP, clean(21)), (None, None, Join)),
}


GONE = {
    # name: (three nodes, what each decides when mdb3 has been silent for long)
    "two of a view of three": ((crashed(7, view=V3), crashed(8, view=V3), None), (Wait, Bootstrap, Wait)),
    "of a view of two": ((crashed(view=V2), stateless((A, 6), view=V2), None), (Bootstrap, Wait, Wait)),
    "one of a view of three": ((crashed(view=V3), clean(9), None), (Wait, Wait, Wait)),
    "one of a view of three, the other empty": ((crashed(view=V3), EMPTY, None), (Wait, Wait, Wait)),
    "two who were alone": ((crashed(view=V1), crashed(view=("view-10", 1)), None), (Wait, Wait, Wait)),
    "two of different views": ((crashed(view=V3), crashed(view=V2), None), (Wait, Wait, Wait)),
    "two that were stopped in order": ((clean(7), clean(7, safe=True), None), (Wait, Wait, Wait)),
    "two of a view of five": ((crashed(view=("v", 5)), crashed(view=("v", 5)), None), (Wait, Wait, Wait)),
    "two without a state file": (
        (stateless((A, 7), view=V3), stateless((A, 7), view=V3), None),
        (Refuse, Refuse, Wait),
    ),
    "two of different clusters": ((crashed(view=V3), crashed(view=V3, uuid=B), None), (Refuse, Refuse, Wait)),
    "the second not read yet": ((crashed(view=V3), crashed(None, view=V3), None), (Wait, Recover, Wait)),
}


@pytest.mark.parametrize("name", GONE)
def test_a_majority_of_the_last_view_goes_on_without_the_dead(name: str) -> None:
    """The two hold all that any later Primary component could have had; what the third wrote to its disk alone is not
    reachable.
    """
    nodes, expected = GONE[name]
    for me, found, kind in zip(ORDER, decisions(*nodes, silent=["mdb3"]), expected, strict=True):
        assert isinstance(found, kind), f"{me}: {found}"
        assert not isinstance(found, Bootstrap) or found.without == ("mdb3",)


def test_in_a_cluster_of_five_three_go_on_and_two_do_not() -> None:
    five, view = [f"n{index}" for index in range(5)], ("v", 5)
    for living in (2, 3):
        nodes = {name: crashed(view=view) if index < living else None for index, name in enumerate(five)}
        found = settled(nodes, five, "n0", silent=five[living:])
        assert isinstance(found[0], Bootstrap) is (living == 3)
    assert "n4" in found[0].why


HELD1, HELD3 = crashed(7, view=V3, lets="mdb1 1"), crashed(7, view=V3, lets="mdb3 1")
STANDS = crashed(8, lets="mdb1 1", view=V1)
STANDS_CLEAN = crashed(8, lets="mdb1 1")
WORDS = {
    # name: (three nodes, what each decides at the next look, what mdb2 then has to remember)
    "the best one stands first": ((crashed(8), crashed(7), crashed(7)), (Wait, Wait, Wait), ""),
    "then the others let it go": (
        (crashed(8, lets="mdb1 1"), crashed(7), crashed(7)),
        (Bootstrap, Wait, Wait),
        "mdb1 1",
    ),
    "those with a view have to": ((STANDS, crashed(7, view=V3), crashed(7, view=V3)), (Wait, Wait, Wait), "mdb1 1"),
    "one of two is enough": ((STANDS, HELD1, crashed(7, view=V3)), (Bootstrap, Wait, Wait), "mdb1 1"),
    "given to an earlier candidacy": (
        (crashed(8, lets="mdb1 2", view=V1), HELD1, crashed(7, view=V3)),
        (Wait, Wait, Wait),
        "mdb1 2",
    ),
    "given to another who still stands": (
        (STANDS, HELD3, HELD3),
        (Wait, Wait, Wait),
        "",
    ),
    "given to another who has given up": ((STANDS, HELD3, crashed(7, view=V3)), (Wait, Wait, Wait), "mdb1 1"),
    "given to one that is no member any more": (
        (crashed(8, lets="mdb1 1"), crashed(7, lets="mdb9 1"), crashed(7)),
        (Bootstrap, Wait, Wait),
        "mdb1 1",
    ),
    "one that stands but is not the best": (
        (crashed(8), crashed(7, lets="mdb2 1"), crashed(7)),
        (Wait, Wait, Wait),
        "-",
    ),
    "the best one has given its word to another": (
        (crashed(8, lets="mdb3 1"), crashed(7), crashed(7, lets="mdb3 1")),
        (Wait, Wait, Wait),
        "",
    ),
    "half of those with a view are not a majority": (
        (STANDS_CLEAN, HELD1, crashed(7, view=V3)),
        (Wait, Wait, Wait),
        "mdb1 1",
    ),
    "the word of one without a view does not count": (
        (STANDS, crashed(7, lets="mdb1 1"), crashed(7, view=V3)),
        (Wait, Wait, Wait),
        "mdb1 1",
    ),
    "whoever had its word is gone": ((crashed(8, view=V3), HELD3, None), (Wait, Wait, Wait), ""),
    "whoever had its word starts now": (
        (crashed(8, lets="mdb1 1"), crashed(7, lets="mdb3 1"), Node(process=True, data=True, uuid=A)),
        (Wait, Wait, None),
        "",
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_who_lets_whom_go_first(name: str) -> None:
    """Without it two nodes that do not see each other, but both see a third, would both form the cluster."""
    states, expected, lets = WORDS[name]
    nodes = dict(zip(ORDER, states, strict=True))
    found = [decide(me, nodes, ORDER, "mdb1", silent=["mdb3"]) for me in ORDER]
    for me, one, kind in zip(ORDER, found, expected, strict=True):
        assert kind is None or isinstance(one, kind), f"{me}: {one}"
    assert isinstance(found[1], Wait)
    assert found[1].lets == lets


FORMED = Formed("f1", A, 10, ("mdb3",))


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        (crashed(10), Join),
        (crashed(11), Refuse),
        (dataclasses.replace(crashed(11), formed=(FORMED,)), Join),  # it has belonged to that cluster since
        (crashed(3, uuid=B), Refuse),
        (EMPTY, Join),
    ],
)
def test_a_node_that_was_left_out_does_not_mix_its_data_in(mine: Node, expected: type[Decision]) -> None:
    """The cluster was formed at 10 without mdb3 and is at 20: its own 11 is another transaction than the cluster's."""
    primary = dataclasses.replace(UP, formed=(FORMED,))
    found = decisions(primary, UP, mine)[2]
    assert isinstance(found, expected)
    assert not isinstance(found, Join) or found.formed == (FORMED,)
    assert not isinstance(found, Refuse) or "lose" in found.why or B in found.why


def test_a_node_that_was_left_out_does_not_lead_either() -> None:
    found = decisions(dataclasses.replace(crashed(20), formed=(FORMED,)), crashed(19), crashed(30))
    assert [type(one) for one in found] == [Bootstrap, Wait, Refuse]
    assert isinstance(found[2], Refuse)
    assert "cannot lead" in found[2].why
    assert "formed the cluster again at 10" in found[2].why
    assert "mdb3" in found[2].todo


def test_only_the_one_that_was_left_out_is_asked() -> None:
    primary = dataclasses.replace(UP, formed=(Formed("f1", A, 10, ("mdb2",)),))
    assert isinstance(decisions(primary, UP, crashed(11))[2], Join)


@pytest.mark.parametrize("name", DISCARDED)
def test_the_word_to_discard(name: str) -> None:
    nodes, expected = DISCARDED[name]
    for me, found, kind in zip(ORDER, decisions(*nodes, discard=["mdb3"]), expected, strict=True):
        assert kind is None or isinstance(found, kind), f"{me}: {found}"
        assert kind is not Join or (isinstance(found, Join) and found.discard)


@pytest.mark.parametrize("order", [["n0", "n1", "n2", "n3"], ["n0", "n1", "n2", "n3", "n4"]])
@pytest.mark.parametrize("size", [2, 5])
def test_a_half_and_less_is_no_majority(order: list[str], size: int) -> None:
    """Two of four, or of five, whether they are all of their last view or not."""
    nodes = {name: crashed(view=("v", size)) if name in order[:2] else None for name in order}
    assert isinstance(settled(nodes, order, "n0", silent=order[2:])[0], Wait)


def test_a_record_of_another_cluster_leaves_nobody_out() -> None:
    assert left_out("mdb3", crashed(30, uuid=B), [dataclasses.replace(UP, formed=(FORMED,))]) == []
    assert left_out("mdb3", crashed(30), [dataclasses.replace(UP, formed=(FORMED,))]) == [FORMED]


def test_the_word_for_a_silent_node_harms_nobody() -> None:
    nodes = dict(zip(ORDER, (UP, None, clean(9, uuid=B)), strict=True))
    assert isinstance(decide("mdb3", nodes, ORDER, "mdb1", discard=["mdb2", "mdb3"]), Join)


def test_the_word_for_another_node_does_not_help() -> None:
    nodes = dict(zip(ORDER, (UP, UP, clean(9, uuid=B)), strict=True))
    assert isinstance(decide("mdb3", nodes, ORDER, "mdb1", discard=["mdb2"]), Refuse)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (
            (clean(5), clean(5), stateless(("", -1))),
            ("mdb3 holds data", "cannot be recovered", "discard_data_of: [mdb3]", "save its data directory"),
        ),
        (
            (clean(5), clean(5), stateless((NO_UUID, -1))),
            ("mdb3 holds data", "never was in a cluster", "restored backup", "discard_data_of: [mdb3]"),
        ),
        (
            (stateless((A, 7)), stateless((A, 8)), EMPTY),
            (f"mdb1 {A}:7 (state file lost)", f"mdb2 {A}:8", "DDL", "runbook", "save"),
        ),
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
RUNS = {
    **STATE,
    "running": True,
    "cluster_status": "Primary",
    "local_state": 4,
    "cluster_state_uuid": B,
    "last_committed": 9,
}
FROM_STATE = {
    "no answer": (None, None),
    "a volume that is not mounted": ({"data_disk": "missing", "holds": "data"}, None),
    "clean": (STATE, Node(data=True, uuid=A, safe=True)),
    "nothing": ({"holds": "nothing", "grastate": None}, Node()),
    "system tables": ({"holds": "system tables", "grastate": None}, Node()),
    "no word about what it holds": ({"grastate": None}, Node(data=True)),
    "unreadable": ({"holds": "unreadable"}, Node(data=True)),
    "a state file without data": ({**STATE, "holds": "nothing"}, Node(safe=True)),
    "a zero UUID": ({**STATE, "grastate": {"uuid": NO_UUID, "seqno": -1, "safe_to_bootstrap": 0}}, Node(data=True)),
    "no seqno": ({**STATE, "grastate": {"uuid": A}}, Node(data=True, uuid=A)),
    "flagged with another number": (
        {**STATE, "grastate": {"uuid": A, "safe_to_bootstrap": 2}},
        Node(data=True, uuid=A),
    ),
    "a view": ({**STATE, "gvw": {"view": "v", "members": 2}}, Node(data=True, uuid=A, safe=True, view=("v", 2))),
    "recovered": (
        {**STATE, "recovered": {"uuid": A, "seqno": 3}},
        Node(data=True, uuid=A, safe=True, recovered=(A, 3)),
    ),
    "runs": (RUNS, Node(primary=True, synced=True, process=True, data=True, uuid=B, safe=True, committed=9)),
    "runs as a donor": (
        {**RUNS, "local_state": 2},
        Node(primary=True, process=True, data=True, uuid=B, safe=True, committed=9),
    ),
    "runs without quorum": (
        {**RUNS, "cluster_status": "non-Primary"},
        Node(process=True, data=True, uuid=B, safe=True, committed=9),
    ),
    "runs on what was empty": (
        {**RUNS, "holds": "nothing"},
        Node(primary=True, synced=True, process=True, data=True, uuid=B, safe=True, committed=9),
    ),
    "figures of a server that is down": ({**RUNS, "running": False}, Node(data=True, uuid=A, safe=True)),
    "a process": (
        {**STATE, "process": True, "starting": True},
        Node(process=True, starting=True, data=True, uuid=A, safe=True),
    ),
    "words given": ({**STATE, "lets": "mdb1 7"}, Node(data=True, uuid=A, safe=True, lets="mdb1 7")),
    "formed without a node": (
        {**STATE, "formed": [{"id": "i", "uuid": A, "seqno": 3, "without": ["mdb3"]}]},
        Node(data=True, uuid=A, safe=True, formed=(Formed("i", A, 3, ("mdb3",)),)),
    ),
    "joining": ({**STATE, "joining": True}, Node(data=True, uuid=A, safe=True, joining=True)),
}


@pytest.mark.parametrize("name", FROM_STATE)
def test_node_from_state(name: str) -> None:
    state, node = FROM_STATE[name]
    assert node_from_state(state) == node


POSITIONS = [
    # node, position, proven, history, vouched, cut short
    (clean(0), 0, True, A, True, False),
    (Node(data=True, uuid=A), -1, False, None, False, False),
    (Node(data=True, uuid=A, recovered=(B, 3)), 3, True, B, False, False),
    (Node(data=True, uuid=A, recovered=(A, -1)), -1, False, A, False, False),
    (Node(data=True, recovered=(B, 3)), 3, True, B, False, False),
    (Node(data=True, recovered=(NO_UUID, 4)), -1, False, None, False, False),
    (Node(data=True, recovered=("", 4)), -1, False, None, False, False),
    (Node(data=True, joining=True), -1, False, None, False, True),
    (Node(data=True, uuid=A, joining=True), -1, False, None, False, False),
]


@pytest.mark.parametrize("row", POSITIONS)
def test_what_a_node_can_prove(row: tuple[Node, int, bool, str | None, bool, bool]) -> None:
    node = row[0]
    assert (node.position, node.proven, node.history, node.vouched, node.cut_short) == row[1:]


def test_blank_is_as_empty_but_remembers_what_it_promised() -> None:
    record = Formed("i", A, 3, ("mdb3",))
    full = Node(
        data=True,
        uuid=A,
        safe=True,
        view=V3,
        recovered=(A, 3),
        joining=True,
        lets="x 1",
        formed=(record,),
        starting=True,
    )
    assert full.blank() == Node(lets="x 1", formed=(record,), starting=True)


seqnos = st.integers(-1, 4)
nodes = st.none() | st.builds(
    Node,
    primary=st.just(False),
    process=st.booleans(),
    starting=st.booleans(),
    data=st.booleans(),
    joining=st.booleans(),
    uuid=st.sampled_from([None, A, A, A, B]),
    lets=st.sampled_from(["", "n0 1", "n1 1", "n2 1"]),
    safe=st.booleans(),
    view=st.none() | st.tuples(st.sampled_from(["v1", "v2"]), st.integers(1, 3)),
    recovered=st.none() | st.tuples(st.sampled_from([A, A, A, B]), seqnos),
).map(lambda node: node if node.data else node.blank())


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[str], dict[str, Node | None], str]:
    order = [f"n{number}" for number in range(draw(st.integers(1, 5)))]
    return order, {name: draw(nodes) for name in order}, draw(st.sampled_from(["", *order]))


@settings(max_examples=20 * settings.default.max_examples)
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
            dropped = other.cut_short and not other.proven
            assert (
                not other.data
                or dropped
                or (other.history == mine.uuid and other.proven and other.position <= mine.position)
            )


@settings(max_examples=10 * settings.default.max_examples)
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


@settings(max_examples=10 * settings.default.max_examples)
@given(clusters())
def test_nobody_bootstraps_beside_a_primary(cluster: tuple[list[str], dict[str, Node | None], str]) -> None:
    order, states, reference = cluster
    states = {**states, "up": UP}
    for me in order:
        if states[me]:
            found = decide(me, states, [*order, "up"], reference)
            assert isinstance(found, Join | Wait | Refuse | Recover)
            mine = states[me]
            if isinstance(found, Join) and mine and mine.data and not (mine.cut_short and not mine.proven):
                assert mine.history == A, "joining would overwrite data of another cluster, or of none"
                assert mine.position <= 20


@settings(max_examples=5 * settings.default.max_examples)
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
    found = settled(states, order, order[0])
    assert sum(isinstance(one, Bootstrap) for one in found) == 1
    assert all(isinstance(one, Bootstrap | Wait) for one in found)


@settings(max_examples=5 * settings.default.max_examples)
@given(clusters())
def test_every_word_is_said(cluster: tuple[list[str], dict[str, Node | None], str]) -> None:
    order, states, reference = cluster
    for me in order:
        found = decide(me, states, order, reference)
        assert all(getattr(found, name, "said") for name in ("why", "todo"))
