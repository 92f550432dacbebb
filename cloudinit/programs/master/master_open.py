"""When a server of a pair behind directors may take writes: it boots read-only, and what it lacks is looked at first.

No side effects; `master-watch` acts on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import gtid
from master_peer import PeerState
from master_sql import Seen


@dataclass
class Goal:
    """What the other server had when this one could first ask it: all of it has to be here before writes are taken."""

    state: dict[tuple[int, int], int] = field(default_factory=dict)
    known: bool = False


def closed_because(seen: Seen, peer: str, said: PeerState, goal: Goal) -> str:
    """Why this server may not take writes yet; empty: it may. `peer`: the other host; empty where it is declared lost.

    A server that was down cannot know what the other one took meanwhile: as long as that one does not tell, it waits.
    """
    if not peer:
        return ""
    if seen.trouble and not seen.source:
        return "replication is not set up yet"
    if seen.trouble:
        return f"replication is broken: {seen.trouble}"
    if said is None:
        return f"{peer} does not answer, and may have writes that are not here"
    if not said.get("running"):
        return f"MariaDB on {peer} does not answer, and may have writes that are not here"
    if not goal.known:
        goal.state, goal.known = gtid.parse(said.get("gtid_binlog_state") or ""), True
    if not seen.connected:
        return f"it has no connection to {peer} yet"
    left = gtid.lacking(gtid.parse(seen.binlog_state), goal.state)
    return f"transactions up to {gtid.words(left)} of {peer} are not here yet" if left else ""
