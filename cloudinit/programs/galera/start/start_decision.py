"""Join, bootstrap, recover the position, wait, or refuse? Pure: no I/O.

The order of the questions (galeracluster.com, "Restarting the cluster"): is anybody Primary; what position has this
node's data; is every node accounted for; can the last view be put together again; do the cluster UUIDs agree; who has
the highest seqno (galera_form). A directory with data is never empty, and what a file beside the data says of its
position is not believed: InnoDB is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from galera_decision import WORD, Decision, Join, Recover, Refuse, Wait
from galera_form import form_again, left_out, let_go, may_go_without, whole_view, whose
from node_facts import Node


def decide(
    me: str,
    nodes: Mapping[str, Node | None],
    order: Sequence[str],
    reference: str,
    *,
    patient: bool = True,
    discard: Collection[str] = (),
    silent: Collection[str] = (),
    arbitrators: int = 0,
) -> Decision:
    """The decision of `me`. `nodes` holds every node of `order` (None: no answer), `me` included.

    `patient`: False when this node has let the others go first for long enough. `discard`: the nodes whose data may go,
    as the settings say; it counts only where the answer without it is a refusal. `silent`: nodes that have not answered
    for so long that the others may go on without them, where quorum allows it. `arbitrators`: members that vote and
    hold no data; they are in no list here, and nothing is ever waited for that only they could have.
    """
    found = decide_with_all(me, nodes, order, reference, patient=patient, silent=silent, arbitrators=arbitrators)
    if not isinstance(found, Refuse) or not any(node and node.data and name in discard for name, node in nodes.items()):
        return found
    without = {
        name: node.blank() if node and name in discard and not node.primary else node for name, node in nodes.items()
    }
    second = decide_with_all(me, without, order, reference, patient=patient, silent=silent, arbitrators=arbitrators)
    if isinstance(second, Refuse):
        return found
    return replace(second, discard=me in discard) if isinstance(second, Join) else second


def decide_with_all(
    me: str,
    nodes: Mapping[str, Node | None],
    order: Sequence[str],
    reference: str,
    *,
    patient: bool,
    silent: Collection[str],
    arbitrators: int = 0,
) -> Decision:
    """The decision where every node's data counts."""
    mine = nodes[me]
    if mine is None:
        return Wait("this node's data volume is not mounted")
    if any(node and node.primary for name, node in nodes.items() if name != me):
        return join_in_turn(me, mine, nodes, order, patient=patient)
    if mine.data and mine.recovered is None:
        return Recover("the position of this node's data has to be learned from InnoDB")
    known = {name: node for name in order if (node := nodes[name])}
    if (gone := let_go(me, known, order)) and gone not in known:
        return Wait(f"{gone} was let go first and does not answer since: it may have formed the cluster")
    if busy := [name for name, node in known.items() if node.process and name != me]:
        return whole_view(me, known, order, arbitrators) or Wait(
            f"{', '.join(busy)} runs MariaDB without a Primary component yet"
        )
    if view := whole_view(me, known, order, arbitrators):
        return view
    missing = tuple(name for name in order if nodes[name] is None)
    if missing and not may_go_without(known, order, arbitrators):
        return Wait(
            f"no node is Primary and there is no answer from {', '.join(missing)}: the last transaction may be there"
        )
    if early := [name for name in missing if name not in silent]:
        return Wait(
            f"there is no answer from {', '.join(early)} yet; the others were a majority of the last view and go on "
            "without it after a while"
        )
    return form_again(me, known, order, reference, missing)


def join_in_turn(
    me: str, mine: Node, nodes: Mapping[str, Node | None], order: Sequence[str], *, patient: bool
) -> Decision:
    """Somebody is Primary: join, one at a time, in the order of the list, when nothing is lost by it."""
    others = {name: node for name, node in nodes.items() if node and name != me}
    there = next(name for name in order if name in others and others[name].primary)
    formed = tuple(dict.fromkeys(record for node in others.values() if node.primary for record in node.formed))
    if mine.data and (doubt := doubt_about_join(me, mine, there, others)):
        return doubt
    joining = [name for name in order if name in others and others[name].process and not others[name].synced]
    earlier = [
        name
        for name in order[: order.index(me)]
        if name in others and others[name].starting and not others[name].synced
    ]
    if patient and (ahead := [name for name in order if name in (*joining, *earlier)]):
        return Wait(f"{', '.join(ahead)} joins first")
    return Join(f"{there} is Primary", formed=formed)


def doubt_about_join(me: str, mine: Node, there: str, others: Mapping[str, Node]) -> Decision | None:
    """What keeps a node with data from joining `there`, whose data would replace its own; None when the cluster has all
    of it.
    """
    primary = others[there]
    committed = max(
        (node.committed for node in others.values() if node.primary and node.committed is not None), default=None
    )
    if mine.recovered is None:
        return Recover(f"{there} is Primary: whether it has all of this node's data has to be learned from InnoDB")
    if mine.cut_short and not mine.proven:
        return None  # a transfer from the cluster has begun to replace it
    words = ""
    if not mine.proven:
        words = (
            f"this node holds data, but {whose(mine)}, and {there} is Primary in {primary.uuid}: joining would "
            "overwrite it"
        )
    elif mine.history != primary.uuid:
        words = (
            f"this node holds data of cluster {mine.history}, but {there} is Primary in {primary.uuid}: joining "
            "would overwrite it"
        )
    elif committed is None:
        return Wait(f"{there} has not said yet how far it is, and this node's data is at seqno {mine.position}")
    elif mine.position > committed:
        words = (
            f"this node's data is at seqno {mine.position}, but {there} is Primary at {committed}: joining would "
            "lose the later transactions"
        )
    elif missed := left_out(me, mine, others.values()):
        words = (
            f"this node's data is at seqno {mine.position}, but the others formed the cluster again at "
            f"{missed[0].seqno} while it was away:"
            " joining would lose the transactions between"
        )
    return Refuse(words, f"{WORD.format(me)}; or stop the other cluster if that one is wrong") if words else None
