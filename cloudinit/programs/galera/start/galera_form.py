"""Nobody is Primary: may the cluster be formed again, and by whom? Pure: no I/O.

At most one node forms it, whoever sees whom: a candidate needs the word of a majority of those that remember a view,
and who has given it keeps it until the candidate has given up or a cluster is there (see docs/decisions/0016).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from galera_decision import WORD, Bootstrap, Decision, Join, Refuse, Wait
from node_facts import NO_UUID, Formed, Node

#: What a candidate says that has given up.
NOBODY = "-"


def members_of_last_view(known: Mapping[str, Node], order: Sequence[str], arbitrators: int = 0) -> dict[str, Node]:
    """Those that remember one and the same last view, when they are a majority of it and of all who vote; else nobody.

    An arbitrator is one of a view's members and remembers nothing, so that two nodes of two and an arbitrator are
    needed, and one node never goes first. Then no later Primary component can have been without one of them: quorum
    (galeracluster.com, Weighted Quorum).
    """
    for view in {node.view for node in known.values() if node.view}:
        members = {name: node for name, node in known.items() if node.view == view}
        if len(members) * 2 > max(view[1], len(order) + arbitrators):
            return members
    return {}


def may_go_without(known: Mapping[str, Node], order: Sequence[str], arbitrators: int = 0) -> bool:
    """Whether those that answer may form the cluster although others do not."""
    return bool(members_of_last_view(known, order, arbitrators))


def whole_view(me: str, known: Mapping[str, Node], order: Sequence[str], arbitrators: int = 0) -> Decision | None:
    """After a crash of all: nodes that remember the same last view form it again by themselves (pc.recovery), once all
    of it is there.

    Only where nobody can hold more than the view: a state file that names no cluster, or a node outside of the view
    that is later, is for `form_again`. A view of a minority is a memory, not a proof: then every node has to be there.

    A view with an arbitrator in it is whole without its word only where a node of it runs already, which nobody stops:
    that one becomes Primary once all others are with it. A node that runs because this one let it go first is none.
    """
    views = {node.view for node in known.values() if node.view}
    complete = set()
    for view in views:
        there = [node for node in known.values() if node.view == view]
        besides = arbitrators if not known[me].lets and any(node.process for node in there) else 0
        if len(there) + besides >= view[1]:
            complete.add(view)
    if len(complete) != 1:
        return None
    view = complete.pop()
    members = {name: node for name, node in known.items() if node.view == view}
    others = [node for name, node in known.items() if name not in members and node.data]
    if len(members) * 2 <= len(order) and (others or len(known) < len(order)):
        return None
    if (
        any(not node.process and not node.vouched for node in members.values())
        or len({node.uuid for node in members.values()}) > 1
    ):
        return None
    if any(not node.proven or node.history not in {one.uuid for one in members.values()} for node in others):
        return None
    if others and max(node.position for node in others) > max(node.position for node in members.values()):
        return None
    if me in members:
        return Join("all members of the last view are back: they form it again")
    return Wait(f"{', '.join(members)} form the last view again")


def form_again(
    me: str, nodes: Mapping[str, Node], order: Sequence[str], reference: str, missing: Sequence[str]
) -> Decision:
    """One node forms the cluster, the one with the last transaction. `missing` can be done without."""
    data = {name: nodes[name] for name in order if name in nodes and nodes[name].data}
    if not data:
        return Refuse(
            "no node holds data of a cluster", "the first bootstrap is `pulumi up`'s (galera-bootstrap), never a boot's"
        )
    if unknown := [name for name, node in data.items() if node.recovered is None]:
        return Wait(
            f"{', '.join(unknown)} has not published its position yet (mariadb-ha-galera-start recovers it there)"
        )
    if any(node.vouched for node in data.values()):
        # A transfer that was cut short brought nothing that its donor does not have.
        data = {name: node for name, node in data.items() if not (node.cut_short and not node.proven)}
    if lost := [name for name, node in data.items() if not node.proven]:
        words = "; ".join(f"{name} holds data, but {whose(data[name])}" for name in lost)
        rest = "or form the cluster from it by hand (runbook: data without a known position)"
        return Refuse(f"{words}: it may be the last", f"{WORD.format(', '.join(lost))}; {rest}")
    if me in data and (left := left_out(me, data[me], nodes.values())):
        words = (
            f"this node's data is at seqno {data[me].position}, but the others formed the cluster again at "
            f"{left[0].seqno} while it was away"
        )
        return Refuse(f"{words}: it cannot lead, and joining would lose the transactions between", WORD.format(me))
    data = {name: node for name, node in data.items() if not left_out(name, node, nodes.values())}
    if len({node.history for node in data.values()}) > 1:
        listed = ", ".join(f"{name} {node.history}" for name, node in data.items())
        return Refuse(
            f"the nodes hold data of different clusters ({listed})",
            f"decide which one is right; of each other one {WORD.format('HOST')}",
        )
    found = winner(data, order, reference)
    return found if isinstance(found, Refuse) else stand(me, found, data[found].position, nodes, order, missing)


def left_out(name: str, node: Node, nodes: Iterable[Node]) -> list[Formed]:
    """When the cluster was formed again without this node, which holds more of its history than was known then, and has
    not belonged to it since.
    """
    records = dict.fromkeys(record for one in nodes for record in one.formed)
    return [
        one
        for one in records
        if one not in node.formed and name in one.without and one.uuid == node.history and node.position > one.seqno
    ]


def winner(data: Mapping[str, Node], order: Sequence[str], reference: str) -> str | Refuse:
    """All positions are proven and of one cluster. Only a node whose state file vouches for its data may win."""
    highest = max(node.position for node in data.values())
    leaders = [name for name, node in data.items() if node.position == highest and node.vouched]
    if not leaders:
        listed = ", ".join(
            f"{name} {node.history}:{node.position}{'' if node.vouched else ' (state file lost)'}"
            for name, node in data.items()
        )
        words = (
            "the last transaction is on a node whose grastate.dat does not name its cluster (a DDL was under way, "
            f"or the file was lost): {listed}"
        )
        return Refuse(
            words,
            "save the data directories, then make the one with the highest seqno the first (runbook: data without a "
            "known position)",
        )
    flagged = [name for name, node in data.items() if node.safe and node.vouched]
    if len(flagged) > 1:
        return Refuse(
            f"{', '.join(flagged)} are both flagged safe_to_bootstrap",
            "set it to 0 in grastate.dat of all but the one with the last transaction",
        )
    if flagged and flagged[0] not in leaders:
        words = (
            f"{flagged[0]} is flagged safe_to_bootstrap at seqno {data[flagged[0]].position}, but "
            f"{', '.join(leaders)} is at {highest}"
        )
        return Refuse(words, "find out which transactions count, then set safe_to_bootstrap on that node only")
    return next(name for name in (*flagged, reference, *order) if name in leaders)


def stand(
    me: str, best: str, seqno: int, nodes: Mapping[str, Node], order: Sequence[str], missing: Sequence[str]
) -> Decision:
    """`best` should form the cluster.

    As a candidate it waits for the others' word; they give it once they see that it stands.
    """
    mine, held = nodes[me], let_go(me, nodes, order)
    if held and held != best:
        return Wait(f"{held} was let go first, and has not given up")
    if best != me:
        stands, given_up = nodes[best].lets, NOBODY if candidate(mine.lets) == me else ""
        return Wait(
            f"{best} forms the cluster again (seqno {seqno})", lets=stands if candidate(stands) == best else given_up
        )
    if candidate(mine.lets) != me:
        return Wait(f"this node stands to form the cluster again (seqno {seqno})", lets=me)
    votes = [name for name, node in nodes.items() if node.view and (name == me or node.lets == mine.lets)]
    voters = [name for name in order if name in missing or nodes[name].view]
    if voters and len(votes) * 2 <= len(voters):
        return Wait(
            f"{', '.join(name for name in voters if name in nodes and name not in votes)} has not said yet that this "
            "node may go first"
        )
    accounted = (
        f"a majority of the last view is here, {', '.join(missing)} is not,"
        if missing
        else "all nodes are accounted for"
    )
    return Bootstrap(f"{accounted} and this one holds the last transaction (seqno {seqno})", without=tuple(missing))


def candidate(lets: str) -> str:
    """The name in a candidate's words."""
    return lets.partition(" ")[0]


def let_go(me: str, known: Mapping[str, Node], order: Sequence[str]) -> str:
    """The other node that `me` lets form the cluster and that may still do so, or have done so; empty when it has given
    up or is no member any more.
    """
    lets = known[me].lets
    name = candidate(lets)
    if name in ("", me) or name not in order:
        return ""
    there = known.get(name)
    return "" if there and not there.process and there.lets != lets else name


def whose(node: Node) -> str:
    """Why nobody knows whose data it is, after its recovery."""
    return (
        "it never was in a cluster (a restored backup, a server of its own)"
        if node.recovered == (NO_UUID, -1)
        else "the position of it cannot be recovered"
    )
