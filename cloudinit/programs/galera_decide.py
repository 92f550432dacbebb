"""What a Galera node may do when it starts: join, bootstrap, recover its position, wait, or refuse. Pure: no I/O.

The order of the questions (galeracluster.com, "Restarting the cluster"): is anybody Primary; is every node accounted for; can the
last view be put together again; do the cluster UUIDs agree; who has the highest seqno. The reference node only breaks ties.
Every node decides on the same facts by the same rules, so at most one bootstraps. A directory with data is never empty: what
Galera's state file does not vouch for is recovered and compared, or refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from galera_facts import NO_UUID, Node

#: How a person says in the settings that a host's data may go, for `todo`.
WORD = "save its data directory; when nothing of it is needed: `discard_data_of: [{}]` in the settings of the cluster, then `pulumi up`"


@dataclass(frozen=True)
class Join:
    """Start as a normal member. `discard`: the settings say that this node's data may go, so it joins as an empty one."""

    why: str
    discard: bool = False


@dataclass(frozen=True)
class Bootstrap:
    """Form the Primary component: this node holds the last transaction."""

    why: str


@dataclass(frozen=True)
class Recover:
    """Learn this node's position first (mariadbd --wsrep-recover) and publish it."""

    why: str


@dataclass(frozen=True)
class Wait:
    """Ask again later."""

    why: str


@dataclass(frozen=True)
class Refuse:
    """A person has to decide; nothing is touched."""

    why: str
    todo: str


Decision = Join | Bootstrap | Recover | Wait | Refuse


def decide(
    me: str, nodes: Mapping[str, Node | None], order: Sequence[str], reference: str, *, patient: bool = True, discard: Collection[str] = ()
) -> Decision:
    """The decision of `me`. `nodes` holds every node of `order` (None: no answer), `me` included.

    `patient`: False when this node has let the others go first for long enough. `discard`: the nodes whose data may go, as the
    settings say; it counts only where the answer without it is a refusal.
    """
    found = decide_with_all(me, nodes, order, reference, patient=patient)
    if not isinstance(found, Refuse) or not any(node and node.data and name in discard for name, node in nodes.items()):
        return found
    without = {name: node.blank() if node and name in discard and not node.primary else node for name, node in nodes.items()}
    second = decide_with_all(me, without, order, reference, patient=patient)
    if isinstance(second, Refuse):
        return found
    return replace(second, discard=me in discard) if isinstance(second, Join) else second


def decide_with_all(me: str, nodes: Mapping[str, Node | None], order: Sequence[str], reference: str, *, patient: bool) -> Decision:
    """The decision where every node's data counts."""
    mine = nodes[me]
    if mine is None:
        return Wait("this node's data volume is not mounted")
    if any(node and node.primary for name, node in nodes.items() if name != me):
        return join_in_turn(me, nodes, order, patient=patient)
    if missing := [name for name in order if nodes[name] is None]:
        return Wait(f"no node is Primary and there is no answer from {', '.join(missing)}: the last transaction may be there")
    known = {name: node for name in order if (node := nodes[name])}
    if view := whole_view(mine, known):
        return view
    if busy := [name for name, node in known.items() if node.process and name != me]:
        return Wait(f"{', '.join(busy)} runs MariaDB without a Primary component yet")
    return form_again(me, known, order, reference)


def join_in_turn(me: str, nodes: Mapping[str, Node | None], order: Sequence[str], *, patient: bool) -> Decision:
    """Somebody is Primary: join, one at a time, in the order of the list, when nothing is lost by it."""
    others = {name: node for name, node in nodes.items() if node and name != me}
    there = next(name for name in order if name in others and others[name].primary)
    mine = nodes[me]
    if mine and mine.data and (doubt := doubt_about_join(me, mine, there, others[there])):
        return doubt
    joining = [name for name in order if name in others and others[name].process and not others[name].synced]
    earlier = [name for name in order[: order.index(me)] if name in others and others[name].starting and not others[name].synced]
    if patient and (ahead := [name for name in order if name in (*joining, *earlier)]):
        return Wait(f"{', '.join(ahead)} joins first")
    return Join(f"{there} is Primary")


def doubt_about_join(me: str, mine: Node, there: str, primary: Node) -> Decision | None:
    """What keeps a node with data from joining `there`, whose data would replace its own; None when the cluster has all of it.

    A node with the cluster's UUID and an unknown seqno joins: its start recovers the position, and Galera itself refuses one that
    is later than the cluster's ("Local state seqno is greater than group seqno").
    """
    if mine.joining and not mine.uuid:
        return None
    if not mine.uuid and mine.position is None:
        return Recover("Galera's state file does not say whose data this is: its position has to be learned")
    words = ""
    if not mine.uuid and not mine.proven:
        words = f"this node holds data, but {whose(mine)}, and {there} is Primary in {primary.uuid}: joining would overwrite it"
    elif mine.history != primary.uuid:
        words = f"this node holds data of cluster {mine.history}, but {there} is Primary in {primary.uuid}: joining would overwrite it"
    elif not mine.uuid and primary.committed is None:
        return Wait(f"{there} has not said yet how far it is, and this node's data is at seqno {mine.position}")
    elif primary.committed is not None and (mine.position or 0) > primary.committed:
        words = f"this node's data is at seqno {mine.position}, but {there} is Primary at {primary.committed}: joining would lose the later transactions"
    return Refuse(words, f"{WORD.format(me)}; or stop the other cluster if that one is wrong") if words else None


def whose(node: Node) -> str:
    """Why nobody knows whose data it is, after its recovery."""
    return "the position of it cannot be recovered" if node.recovered != (NO_UUID, -1) else "it never was in a cluster (a restored backup, a server of its own)"


def whole_view(mine: Node, known: Mapping[str, Node]) -> Decision | None:
    """After a crash of all: nodes that remember the same last view form it again by themselves (pc.recovery), once all are there.

    Only where nobody can hold more than the view: a node outside of it with data, or a member whose state file names no
    cluster, is compared by position instead (`form_again`). A view is a memory, not a proof.
    """
    views = {node.view for node in known.values() if node.view}
    complete = {view for view in views if sum(1 for node in known.values() if node.view == view) >= view[1]}
    if len(complete) != 1:
        return None
    view = complete.pop()
    members = {name: node for name, node in known.items() if node.view == view}
    if any(node.data and name not in members for name, node in known.items()):
        return None
    if len({node.uuid for node in members.values()}) > 1 or not all(node.uuid for node in members.values()):
        return None
    if mine.view == view:
        return Join("all members of the last view are back: they form it again")
    return Wait(f"{', '.join(members)} form the last view again")


def form_again(me: str, nodes: Mapping[str, Node], order: Sequence[str], reference: str) -> Decision:
    """Nobody is Primary and all are accounted for: one node forms the cluster, the one with the last transaction."""
    data = {name: nodes[name] for name in order if nodes[name].data}
    if not data:
        return Refuse("no node holds data of a cluster", "the first bootstrap is `pulumi up`'s (galera-bootstrap), never a boot's")
    if len({node.uuid for node in data.values() if node.uuid}) > 1:
        return different_clusters(data)
    if me in data and data[me].position is None:
        return Recover("this node was not stopped in order, or Galera's state file is lost: its position has to be learned")
    if unknown := [name for name, node in data.items() if node.position is None]:
        return Wait(f"{', '.join(unknown)} has not published its position yet (mariadb-ha-galera-start recovers it there)")
    if any(node.uuid for node in data.values()):
        # A transfer that was cut short brought nothing that its donor does not have.
        data = {name: node for name, node in data.items() if not (node.joining and not node.uuid and not node.proven)}
    if lost := [name for name, node in data.items() if not node.proven]:
        words = "; ".join(f"{name} holds data, but {whose(data[name])}" for name in lost)
        rest = "or form the cluster from it by hand (runbook: data without a known position)"
        return Refuse(f"{words}: it may be the last", f"{WORD.format(', '.join(lost))}; {rest}")
    if len({node.history for node in data.values()}) > 1:
        return different_clusters(data)
    return highest_wins(me, data, order, reference)


def different_clusters(data: Mapping[str, Node]) -> Refuse:
    listed = ", ".join(f"{name} {node.history or 'not known'}" for name, node in data.items())
    return Refuse(f"the nodes hold data of different clusters ({listed})", f"decide which one is right; of each other one {WORD.format('HOST')}")


def highest_wins(me: str, data: Mapping[str, Node], order: Sequence[str], reference: str) -> Decision:
    """All positions are proven and of one cluster. Only a node whose state file vouches for its data may win."""
    highest = max(node.position or 0 for node in data.values())
    leaders = [name for name, node in data.items() if node.position == highest and node.uuid]
    if not leaders:
        listed = ", ".join(f"{name} {node.history}:{node.position}{'' if node.uuid else ' (state file lost)'}" for name, node in data.items())
        words = f"the last transaction is on a node whose grastate.dat names no cluster (a DDL was under way, or the file was lost): {listed}"
        return Refuse(words, "save the data directories, then make the one with the highest seqno the first (runbook: data without a known position)")
    flagged = [name for name, node in data.items() if node.safe and node.uuid]
    if len(flagged) > 1:
        return Refuse(f"{', '.join(flagged)} are both flagged safe_to_bootstrap", "set it to 0 in grastate.dat of all but the one with the last transaction")
    if flagged and flagged[0] not in leaders:
        words = f"{flagged[0]} is flagged safe_to_bootstrap at seqno {data[flagged[0]].position}, but {', '.join(leaders)} is at {highest}"
        return Refuse(words, "find out which transactions count, then set safe_to_bootstrap on that node only")
    winner = next(name for name in (*flagged, reference, *order) if name in leaders)
    if winner != me:
        return Wait(f"{winner} forms the cluster again (seqno {highest})")
    return Bootstrap(f"all nodes are accounted for and this one holds the last transaction (seqno {highest})")
