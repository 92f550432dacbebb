"""What is known of one Galera node when a start is decided: from its health agent's /state. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

NO_UUID = "00000000-0000-0000-0000-000000000000"
#: What `holds` of /state says of a directory that nothing can be lost with; every other word, and none, counts as data.
WITHOUT_DATA = ("nothing", "system tables")


@dataclass(frozen=True)
class Node:
    """What is known of a node that answers. Without `data` it is empty. With `data` and `uuid` None, Galera's state file does not
    say whose the data is: a zero UUID (a DDL was under way, a state transfer was cut short), no file (a restored backup), garbage.
    """

    primary: bool = False
    synced: bool = False
    process: bool = False
    starting: bool = False
    data: bool = False
    uuid: str | None = None
    seqno: int = -1
    """-1: not known (unclean stop)."""
    safe: bool = False
    view: tuple[str, int] | None = None
    """gvwstate.dat: the last view's id and its number of members."""
    recovered: tuple[str, int] | None = None
    """By --wsrep-recover in this boot; ("", -1) when that failed."""
    committed: int | None = None
    """wsrep_last_committed of a running server."""
    joining: bool = False
    """A state transfer into it was decided and has not ended: what it holds is being replaced."""

    @property
    def position(self) -> int | None:
        """The seqno that the node can prove; None when it still has to be learned, -1 when it cannot be."""
        if self.uuid and self.seqno >= 0:
            return self.seqno
        return self.recovered[1] if self.recovered else None

    @property
    def history(self) -> str | None:
        """UUID of the cluster that the data belongs to: the state file's, else the one that InnoDB recovered; None: of none, or not known."""
        if self.uuid:
            return self.uuid
        return self.recovered[0] if self.recovered and self.recovered[0] not in ("", NO_UUID) else None

    @property
    def proven(self) -> bool:
        """Whether the position is a real one, of the cluster in `history`."""
        if self.uuid and self.seqno >= 0:
            return True
        return self.recovered is not None and self.recovered[0] == self.history and self.recovered[1] >= 0

    def blank(self) -> Node:
        """The same node as one without data."""
        return replace(self, data=False, uuid=None, seqno=-1, safe=False, view=None, recovered=None, joining=False)


def node_from_state(state: Mapping[str, Any] | None) -> Node | None:
    """A node from its agent's /state. None (not accounted for) without an answer, or while its data volume is not mounted."""
    if state is None or state.get("data_disk") == "missing":
        return None
    running = bool(state.get("running"))
    grastate, gvw, recovered = state.get("grastate") or {}, state.get("gvw"), state.get("recovered")
    uuid = (state.get("cluster_state_uuid") if running else None) or grastate.get("uuid")
    primary = running and state.get("cluster_status") == "Primary"
    data = running or state.get("holds") not in WITHOUT_DATA
    return Node(
        primary=primary,
        synced=primary and state.get("local_state") == 4,
        process=bool(running or state.get("process")),
        starting=bool(state.get("starting")),
        data=data,
        uuid=uuid if data and uuid and uuid != NO_UUID else None,
        seqno=int(grastate.get("seqno", -1)),
        safe=grastate.get("safe_to_bootstrap") == 1,
        view=(str(gvw["view"]), int(gvw["members"])) if gvw else None,
        recovered=(str(recovered["uuid"]), int(recovered["seqno"])) if recovered else None,
        committed=int(state["last_committed"]) if running and state.get("last_committed") is not None else None,
        joining=bool(state.get("joining")),
    )
