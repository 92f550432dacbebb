"""What a Galera node may do when it starts: join, bootstrap, recover its position, wait, or refuse. Pure: no I/O.

The order of the questions (galeracluster.com, "Restarting the cluster"): is anybody Primary; can the last view be put
together again; is every node accounted for; do the cluster UUIDs agree; who has the highest seqno. The reference node
only breaks ties. Every node decides on the same facts by the same rules, so at most one bootstraps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from galera_state import NO_UUID


@dataclass(frozen=True)
class Node:
    """What is known of a node that answers.

    `uuid` None: it has no data of a cluster. `seqno` -1: not known (unclean stop).
    """

    primary: bool = False
    synced: bool = False
    process: bool = False
    starting: bool = False
    uuid: str | None = None
    seqno: int = -1
    safe: bool = False
    view: tuple[str, int] | None = None  # gvwstate.dat: the last view's id and its number of members
    recovered: tuple[str, int] | None = None  # by --wsrep-recover in this boot

    @property
    def position(self) -> int | None:
        """The seqno that the node can prove; None when it still has to be learned, -1 when it cannot be."""
        if self.seqno >= 0:
            return self.seqno
        return self.recovered[1] if self.recovered else None

    @property
    def proven(self) -> bool:
        """Whether the position is a real one, of the cluster that grastate.dat names."""
        if self.seqno >= 0:
            return True
        return self.recovered is not None and self.recovered[0] == self.uuid and self.recovered[1] >= 0


@dataclass(frozen=True)
class Join:
    """Start as a normal member."""

    why: str


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


def node_from_state(state: Mapping[str, Any] | None) -> Node | None:
    """A node from its agent's /state.

    None (not accounted for) without an answer, or while its data volume is not mounted.
    """
    if state is None or state.get("data_disk") == "missing":
        return None
    grastate, gvw, recovered = state.get("grastate") or {}, state.get("gvw"), state.get("recovered")
    uuid = (state.get("cluster_state_uuid") if state.get("running") else None) or grastate.get("uuid")
    primary = bool(state.get("running")) and state.get("cluster_status") == "Primary"
    return Node(
        primary=primary,
        synced=primary and state.get("local_state") == 4,
        process=bool(state.get("running") or state.get("process")),
        starting=bool(state.get("starting")),
        uuid=uuid if uuid and uuid != NO_UUID else None,
        seqno=int(grastate.get("seqno", -1)),
        safe=grastate.get("safe_to_bootstrap") == 1,
        view=(str(gvw["view"]), int(gvw["members"])) if gvw else None,
        recovered=(str(recovered["uuid"]), int(recovered["seqno"])) if recovered else None,
    )


def decide(
    me: str, nodes: Mapping[str, Node | None], order: Sequence[str], reference: str, *, patient: bool = True
) -> Decision:
    """The decision of `me`. `nodes` holds every node of `order` (None: no answer), `me` included.

    `patient`: False when this node has let the others go first for long enough.
    """
    mine = nodes[me]
    if mine is None:
        return Wait("this node's data volume is not mounted")
    if any(node and node.primary for name, node in nodes.items() if name != me):
        return join_in_turn(me, nodes, order, patient=patient)
    missing = [name for name in order if nodes[name] is None]
    known = {name: node for name in order if (node := nodes[name])}
    if view := whole_view(mine, known):
        return view
    if missing:
        return Wait(
            f"no node is Primary and there is no answer from {', '.join(missing)}: the last transaction may be there"
        )
    if busy := [name for name, node in known.items() if node.process and name != me]:
        return Wait(f"{', '.join(busy)} runs MariaDB without a Primary component yet")
    return form_again(me, known, order, reference)


def join_in_turn(me: str, nodes: Mapping[str, Node | None], order: Sequence[str], *, patient: bool) -> Decision:
    """Somebody is Primary: join, one at a time, in the order of the list."""
    others = {name: node for name, node in nodes.items() if node and name != me}
    primary = next(name for name in order if name in others and others[name].primary)
    mine, theirs = nodes[me], others[primary].uuid
    if mine and mine.uuid and theirs and mine.uuid != theirs:
        words = (
            f"this node holds data of cluster {mine.uuid}, but {primary} is Primary in {theirs}: joining would "
            "overwrite it"
        )
        return Refuse(
            words,
            "save the data directory, then empty it, so that the node joins anew; or stop the other cluster if that "
            "one is wrong",
        )
    joining = [name for name in order if name in others and others[name].process and not others[name].synced]
    earlier = [
        name
        for name in order[: order.index(me)]
        if name in others and others[name].starting and not others[name].synced
    ]
    if patient and (ahead := [name for name in order if name in (*joining, *earlier)]):
        return Wait(f"{', '.join(ahead)} joins first")
    return Join(f"{primary} is Primary")


def whole_view(mine: Node, known: Mapping[str, Node]) -> Decision | None:
    """After a crash of all: nodes that remember the same last view form it again by themselves (pc.recovery), once all
    are there.
    """
    complete = {
        node.view
        for node in known.values()
        if node.view and sum(1 for other in known.values() if other.view == node.view) >= node.view[1]
    }
    if len(complete) != 1:
        return None
    view = complete.pop()
    if mine.view == view:
        return Join("all members of the last view are back: they form it again")
    names = [name for name, node in known.items() if node.view == view]
    return Wait(f"{', '.join(names)} form the last view again")


def form_again(me: str, nodes: Mapping[str, Node], order: Sequence[str], reference: str) -> Decision:
    """Nobody is Primary and all are accounted for: one node forms the cluster, the one with the last transaction."""
    data = {name: nodes[name] for name in order if nodes[name].uuid}
    if not data:
        return Refuse(
            "no node holds data of a cluster", "the first bootstrap is `pulumi up`'s (galera-bootstrap), never a boot's"
        )
    if len({node.uuid for node in data.values()}) > 1:
        listed = ", ".join(f"{name} {node.uuid}" for name, node in data.items())
        return Refuse(
            f"the nodes hold data of different clusters ({listed})",
            "decide which one is right and empty the others' data directories",
        )
    if me in data and data[me].position is None:
        return Recover("this node was not stopped in order: its position has to be learned")
    if unknown := [name for name, node in data.items() if node.position is None]:
        return Wait(f"{', '.join(unknown)} has not published its position yet")
    if lost := [name for name, node in data.items() if not node.proven]:
        words = f"the position of {', '.join(lost)} cannot be recovered: it may hold the last transaction"
        return Refuse(words, "save its data directory, then empty it, so that it joins anew")
    highest = max(node.position or 0 for node in data.values())
    leaders = [name for name, node in data.items() if node.position == highest]
    flagged = [name for name, node in data.items() if node.safe]
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
    winner = next(name for name in (*flagged, reference, *order) if name in leaders)
    if winner != me:
        return Wait(f"{winner} forms the cluster again (seqno {highest})")
    return Bootstrap(f"all nodes are accounted for and this one holds the last transaction (seqno {highest})")
