"""Letting this server follow another one by GTID (mariadb.com/kb: CHANGE MASTER TO, GTID)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gtid
import pymysql
from mha_common import Deadline, Failure, pause
from mha_sql import SqlError, query, words
from replica_sql import REPLICAS, rows, trouble_of

PATIENCE = 120.0
#: The source does not know the position (yet): it may still have to apply it itself.
AHEAD = "error 1236"
STOPPED = "docs/runbook.md, replication has stopped; nothing was skipped"


@dataclass(frozen=True)
class Source:
    """The server to follow, and the replication account there. `name`: for people."""

    name: str
    address: str
    port: int
    user: str
    password: str = field(repr=False)


def remote(source: Source) -> pymysql.connections.Connection[Any]:
    """The other server, as the replication account. Raises SqlError."""
    try:
        return pymysql.connect(
            host=source.address,
            port=source.port,
            user=source.user,
            password=source.password,
            connect_timeout=5,
            read_timeout=10,
            write_timeout=10,
            autocommit=True,
        )
    except (pymysql.MySQLError, OSError, RuntimeError) as error:
        raise SqlError(words(error)) from None


def state_of(connection: pymysql.connections.Connection[Any]) -> dict[tuple[int, int], int]:
    ((text,),) = query(connection, "SELECT @@GLOBAL.gtid_binlog_state")
    return gtid.parse(str(text or ""))


def their_state(source: Source, *, patience: float = PATIENCE) -> dict[tuple[int, int], int]:
    """Waits until the other server lets the account in. Raises Failure."""
    deadline = Deadline(patience)
    while True:
        try:
            connection = remote(source)
            try:
                return state_of(connection)
            finally:
                connection.close()
        except SqlError as error:
            if deadline.over():
                raise Failure(
                    f"{source.name} does not let the replication account in after {deadline.waited():.0f} s: {error}",
                    todo=f"see that MariaDB runs on {source.name} and that its firewall admits this host, then"
                    " run again",
                ) from None
            deadline.note(f"waiting for {source.name}: {error}")
            pause(1)


def is_ours(replica: dict[str, Any], source: Source) -> bool:
    return (replica["Master_Host"], int(replica["Master_Port"]), replica["Master_User"]) == (
        source.address,
        source.port,
        source.user,
    )


def change(connection: pymysql.connections.Connection[Any], source: Source, *, wrote: bool) -> None:
    """Point the replica at the other server. What this server wrote itself counts as replicated: the other one has
    it, or gets it.
    """
    query(connection, "STOP SLAVE")
    demote = ", MASTER_DEMOTE_TO_SLAVE = 1" if wrote else ""
    query(
        connection,
        "CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s,"
        " MASTER_USE_GTID = slave_pos"
        f", MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1{demote}",
        (source.address, source.port, source.user, source.password),
    )
    query(connection, "START SLAVE")


def wait_runs(connection: pymysql.connections.Connection[Any], source: Source) -> None:
    """Until both threads run. Raises Failure with what stopped them."""
    deadline = Deadline(PATIENCE)
    while True:
        found = rows(connection, REPLICAS)
        trouble = trouble_of(found[0]) if found else "it is not set up"
        if trouble.startswith(AHEAD) and not deadline.over():
            deadline.note(f"{source.name} has not applied yet what this server has: {trouble}")
            pause(0.5)
            query(connection, "START SLAVE")
            continue
        if trouble:
            raise Failure(f"replication from {source.name} stopped: {trouble}", todo=STOPPED)
        if found[0]["Slave_IO_Running"] == "Yes":
            return
        if deadline.over():
            raise Failure(
                f"no connection to {source.name} after {deadline.waited():.0f} s",
                todo="`journalctl -u mariadb`; run again once it is there",
            )
        deadline.note(f"waiting for the connection to {source.name}")
        pause(0.5)
