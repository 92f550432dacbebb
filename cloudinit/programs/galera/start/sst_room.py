"""Whether a whole state transfer can fit this node's volume: asked before a join, for a transfer that runs out of room
leaves nothing that starts, and loads a donor each time it is asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_size import data_mib
from data_volume import LEAST_MIB, volume
from galera_state import Config, read_recovered
from mha_common import Failure
from node_facts import WITHOUT_DATA
from peer_state import State


def whole_one_needed(position: int | None, donors: Mapping[str, State]) -> bool:
    """Whether no donor can send the missing transactions alone. `position`: of this node's data, None where it has
    none that counts. A donor that does not say from where on it has them may have them.
    """
    if position is None:
        return True
    reach = [state.get("cached_downto") for state in donors.values()]
    return all(first is not None and int(first) > position + 1 for first in reach)


def does_not_fit(config: Config, mine: State, donors: Mapping[str, State]) -> str:
    """Why a whole transfer cannot fit; empty: it can, or none is needed, or it is not known."""
    sizes = {name: int(state["data_mib"]) for name, state in donors.items() if state.get("data_mib") is not None}
    found = volume(config.datadir)
    if not sizes or found["volume_free_mib"] is None:
        return ""
    recovered = read_recovered(config.datadir)
    held = mine.get("holds") not in WITHOUT_DATA and not mine.get("joining")
    position = int(recovered["seqno"]) if held and recovered and int(recovered["seqno"]) >= 0 else None
    if (held and position is None) or not whole_one_needed(position, donors):
        return ""
    donor = min(sizes, key=lambda name: sizes[name])
    room = found["volume_free_mib"] + (data_mib(config.datadir) or 0)
    if room >= sizes[donor] + LEAST_MIB:
        return ""
    return (
        f"the volume of {config.datadir} has room for {room} of {found['volume_mib']} MiB, and the data of {donor} "
        f"takes {sizes[donor]}, with {LEAST_MIB} to work in: a whole state transfer cannot fit"
    )


def refuse_without_room(config: Config, mine: State, peers: Mapping[str, State | None]) -> None:
    """Raises Failure, before anything is asked of a donor."""
    donors = {name: state for name, state in peers.items() if state and state.get("cluster_status") == "Primary"}
    if words := does_not_fit(config, mine, donors):
        raise Failure(
            f"{words}; no transfer was asked for, and MariaDB was not started",
            todo=f"make that volume larger (df {config.datadir}), or free what is not MariaDB's on it, then run again",
        )
