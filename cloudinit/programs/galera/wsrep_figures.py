"""A Galera node's wsrep figures and its connections, by one SQL statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mha_sql import query

if TYPE_CHECKING:
    import pymysql

STATUS = (
    "wsrep_ready",
    "wsrep_cluster_status",
    "wsrep_cluster_state_uuid",
    "wsrep_cluster_size",
    "wsrep_incoming_addresses",
    "wsrep_local_state",
    "wsrep_local_state_comment",
    "wsrep_last_committed",
    "wsrep_local_cached_downto",
    "threads_connected",
)
VARIABLES = ("read_only", "wsrep_reject_queries", "max_connections")
SWITCHES = ("read_only",)
QUESTION = (
    f"SELECT VARIABLE_NAME, VARIABLE_VALUE, {', '.join(f'@@GLOBAL.{name}' for name in VARIABLES)} "
    f"FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ({', '.join(repr(name) for name in STATUS)})"
)


def wsrep_values(connection: pymysql.connections.Connection[Any]) -> dict[str, str]:
    """The node's wsrep status, its connections and the variables that shut clients out, as SHOW words them. Answered
    without quorum too.

    Why not a cheaper statement than one on the status table: docs/decisions/0014. Raises SqlError.
    """
    rows = query(connection, QUESTION)
    found = {str(row[0]).lower(): str(row[1]) for row in rows}
    variables = zip(VARIABLES, rows[0][2:] if rows else (), strict=False)
    switch = {0: "OFF", 1: "ON"}
    return found | {
        name: switch.get(value, str(value)) if name in SWITCHES else str(value) for name, value in variables
    }


def counted(figures: Mapping[str, str]) -> dict[str, int]:
    """How many members the node's component has (`cluster_size`), and how many of them hold data (`data_nodes`).

    An arbitrator is counted by Galera as a member; it has no address for clients, and so no word in
    wsrep_incoming_addresses.
    """
    size = int(figures.get("wsrep_cluster_size", 0))
    addresses = figures.get("wsrep_incoming_addresses")
    if addresses is None or size == 0:
        return {"cluster_size": size, "data_nodes": size}
    return {"cluster_size": size, "data_nodes": min(size, sum(1 for one in addresses.split(",") if one.strip()))}


def members_in_words(figures: Mapping[str, str]) -> str:
    """`cluster of 2 and an arbitrator`."""
    found = counted(figures)
    besides = found["cluster_size"] - found["data_nodes"]
    return f"cluster of {found['data_nodes']}" + (
        " and an arbitrator" if besides == 1 else f" and {besides} arbitrators" if besides else ""
    )
