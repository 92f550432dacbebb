"""Is the cluster whole, so that one node may be taken out? Pure: judges what the nodes say of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from peer_state import SYNCED, State, data_of, lives, takes_clients

#: Ends what a roll has begun.
FINISH = "/usr/local/lib/mariadb-ha/galera-roll --finish"


@dataclass
class Precheck:
    """What keeps a node from being taken out; nothing when the cluster is whole."""

    problems: dict[str, str] = field(default_factory=dict)
    """Node to what is wrong with it, in words."""
    rolling: list[str] = field(default_factory=list)
    """Nodes on which a roll is at work: to be waited for."""
    todo: str = ""
    """What to do about the first problem."""

    @property
    def whole(self) -> bool:
        return not self.problems and not self.rolling

    @property
    def words(self) -> str:
        return "; ".join(f"{name} {what}" for name, what in self.problems.items())

    def add(self, name: str, what: str, todo: str) -> None:
        if name not in self.problems:
            self.problems[name] = what
            self.todo = self.todo or todo


def precheck(
    me: str, members: Sequence[str], states: Mapping[str, State | None], *, out: bool, serving: bool = False
) -> Precheck:
    """Whether the cluster can do without a node, as seen by `me`.

    `members` are the nodes it must consist of, `states` each one's /state (None: no answer).

    `out`: this node was taken out by a roll that did not end; it may be down, and is draining by right. `serving`: it
    takes clients now, so somebody else has to while it is out.
    """
    found = Precheck()
    mine = states[me] or {}
    uuid = data_of(mine)
    here = bool(mine.get("running"))
    if here or not out:
        precheck_node(found, me, mine, uuid)
    if mine.get("draining") and not out:
        found.add(
            me,
            f"is draining ({mine.get('draining_reason') or 'no reason given'})",
            "end that first (its flag is /var/lib/mariadb-ha/draining)",
        )
    size = len(members) if here else len(members) - 1
    for name in members:
        state = states.get(name)
        if name == me:
            continue
        if state is None:
            found.add(
                name,
                "does not answer (its health agent)",
                f"see that {name} is up and runs mariadb-ha-agent; if it is gone for good, declare it lost",
            )
            continue
        if state.get("rolling"):
            found.rolling.append(name)
            continue
        if state.get("draining"):
            found.add(
                name, f"is draining ({state.get('draining_reason') or 'no reason given'})", f"end that on {name} first"
            )
            continue
        if state.get("roll_cut_short") and not state.get("running"):
            found.add(name, "was taken out by a roll that did not end", f"finish it on {name}: sudo {FINISH}")
            continue
        precheck_node(found, name, state, uuid)
    others = {name: states.get(name) or {} for name in members if name != me}
    real_servers = [name for name, state in others.items() if state.get("vip_on_lo") or state.get("missing_vips")]
    if serving and not out and real_servers and not any(takes_clients(others[name]) for name in real_servers):
        found.add(
            real_servers[0],
            f"takes no clients, and nobody would while {me} is out",
            "mend what its health agent names: `hactl status`",
        )
    if not found.rolling:
        sizes = {name: data_nodes(state) for name in members if (state := states.get(name) or {}).get("running")}
        for name, counted in sizes.items():
            if counted != size:
                found.add(
                    name,
                    f"sees a cluster of {counted}, not of {size}",
                    "see which node is missing or too many: `hactl status`",
                )
    return found


def data_nodes(state: State) -> int | None:
    """How many nodes with data a node sees; an arbitrator is none. An agent of before did not tell them apart, and
    there was no arbitrator then.
    """
    found = state.get("data_nodes", state.get("cluster_size"))
    return int(found) if found is not None else None


def precheck_node(found: Precheck, name: str, state: State, uuid: str) -> None:
    """One node that has to be Primary and Synced, in the cluster `uuid`."""
    join = f"let it join, on {name}: sudo /usr/local/lib/mariadb-ha/galera-join"
    if not state.get("running"):
        if lives(state):
            found.add(name, "does not answer SQL yet", "wait for it")
        else:
            found.add(name, "does not run MariaDB" + ("" if data_of(state) else " and holds no data"), join)
    elif state.get("cluster_status") != "Primary":
        found.add(
            name,
            f"is not in the Primary component ({state.get('cluster_status')})",
            "see the runbook: a node without quorum",
        )
    elif uuid and data_of(state) != uuid:
        found.add(
            name,
            f"is in another cluster ({data_of(state)})",
            "decide which cluster is right before anything is changed",
        )
    elif state.get("local_state") != SYNCED:
        found.add(name, f"is not Synced ({state.get('local_state_comment')})", "wait until it is Synced")
