"""What is known of one Galera node when a start is decided: from its health agent's /state. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

NO_UUID = "00000000-0000-0000-0000-000000000000"
#: What `holds` of /state says of a directory that nothing can be lost with; every other word, and none, counts as data.
WITHOUT_DATA = ("nothing", "system tables")


@dataclass(frozen=True)
class Formed:
    """The cluster `uuid` was formed again at `seqno` although the nodes `without` were not accounted for. What one of
    them holds beyond that never became the cluster's, which has given the same numbers to other transactions since.
    """

    id: str
    uuid: str
    seqno: int
    without: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """What is known of a node that answers. Without `data` it is empty.

    `uuid` is the state file's (a running server's own): None when that names no cluster, which is so after a power cut
    during a DDL, a state transfer that was cut short, an inconsistency, in a restored backup. The file's seqno is not a
    fact: the file may be an old copy. Positions are InnoDB's own, `recovered`.
    """

    primary: bool = False
    synced: bool = False
    process: bool = False
    starting: bool = False
    data: bool = False
    uuid: str | None = None
    safe: bool = False
    view: tuple[str, int] | None = None
    """gvwstate.dat: the last view's id and its number of members."""
    recovered: tuple[str, int] | None = None
    """By --wsrep-recover since the server ran last; ("", -1) when that failed."""
    committed: int | None = None
    """wsrep_last_committed of a running server."""
    joining: bool = False
    """A state transfer into it was decided and has not ended: what it holds is being replaced."""
    lets: str = ""
    """Whom it lets form the cluster: `NAME ID`, a candidate's own words; its own when it stands itself."""
    formed: tuple[Formed, ...] = ()

    @property
    def history(self) -> str | None:
        """UUID of the cluster that the data belongs to, as InnoDB knows it; None: of none, or not known."""
        return self.recovered[0] if self.recovered and self.recovered[0] not in ("", NO_UUID) else None

    @property
    def position(self) -> int:
        """The seqno of the last transaction in `history`; -1 where it is not known."""
        return self.recovered[1] if self.recovered and self.history else -1

    @property
    def proven(self) -> bool:
        """Whether the position is a real one."""
        return self.position >= 0

    @property
    def vouched(self) -> bool:
        """Whether the state file names the cluster that the data belongs to.

        Where it names none, Galera may have found the node inconsistent.
        """
        return self.proven and self.uuid == self.history

    @property
    def cut_short(self) -> bool:
        """A state transfer into it was cut short: its data is no more, or not yet, anybody's."""
        return self.joining and not self.uuid

    def blank(self) -> Node:
        """The same node as one without data."""
        return replace(self, data=False, uuid=None, safe=False, view=None, recovered=None, joining=False)


def node_from_state(state: Mapping[str, Any] | None) -> Node | None:
    """A node from its agent's /state.

    None (not accounted for) without an answer, or while its data volume is not mounted.
    """
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
        safe=grastate.get("safe_to_bootstrap") == 1,
        view=(str(gvw["view"]), int(gvw["members"])) if gvw else None,
        recovered=(str(recovered["uuid"]), int(recovered["seqno"])) if recovered else None,
        committed=int(state["last_committed"]) if running and state.get("last_committed") is not None else None,
        joining=bool(state.get("joining")),
        lets=str(state.get("lets") or ""),
        formed=formed_from(state.get("formed")),
    )


def formed_from(records: Any) -> tuple[Formed, ...]:
    """The records as they are kept and published: a list of {"id", "uuid", "seqno", "without"}."""
    return tuple(
        Formed(str(one["id"]), str(one["uuid"]), int(one["seqno"]), tuple(one["without"])) for one in records or ()
    )
