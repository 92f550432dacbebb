"""What a Galera node may do when it starts: the five answers of start_decision."""

from __future__ import annotations

from dataclasses import dataclass

from node_facts import Formed

#: How a person says in the settings that a host's data may go, for `todo`.
WORD = (
    "save its data directory; when nothing of it is needed: `discard_data_of: [{}]` in the settings of the cluster, "
    "then `pulumi up`"
)


@dataclass(frozen=True)
class Join:
    """Start as a normal member. `discard`: the settings say that this node's data may go, so it joins as an empty one.
    `formed`: what the node has to remember from now on, for it belongs to that cluster.
    """

    why: str
    discard: bool = False
    formed: tuple[Formed, ...] = ()


@dataclass(frozen=True)
class Bootstrap:
    """Form the Primary component: this node holds the last transaction. `without`: nodes that are not accounted for."""

    why: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recover:
    """Learn this node's position first (mariadbd --wsrep-recover) and publish it."""

    why: str


@dataclass(frozen=True)
class Wait:
    """Ask again later. `lets`: the candidate whom this node lets form the cluster, remembered before it is published:
    the candidate's own words, or this node's name when it stands itself.
    """

    why: str
    lets: str = ""


@dataclass(frozen=True)
class Refuse:
    """A person has to decide; nothing is touched."""

    why: str
    todo: str


Decision = Join | Bootstrap | Recover | Wait | Refuse
