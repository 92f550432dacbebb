"""One MariaDB server of a master-master pair, asked and changed over its own socket."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mha_sql import SqlError, connect, query

if TYPE_CHECKING:
    from socket import socket as Socket

    import pymysql

QUESTION = "SELECT @@GLOBAL.read_only, @@GLOBAL.gtid_binlog_state, @@version"
SEMI_SYNC = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Rpl_semi_sync_master_status', 'Rpl_semi_sync_master_clients')"
REPLICAS = "SHOW ALL SLAVES STATUS"
#: Sessions that are no client's: of the server itself, of replication.
SESSIONS = (
    "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER <> 'system user'"
    " AND COMMAND NOT IN ('Binlog Dump', 'Daemon')"
)


@dataclass(frozen=True)
class Seen:
    """One look. `trouble`: what has stopped replication, an error number with its words; empty while it runs, or only
    has no connection.
    """

    read_only: bool
    binlog_state: str
    confirmed: bool
    """Semi-sync is on, and a replica confirms."""
    connected: bool
    applied: bool
    trouble: str
    source: str
    version: str


def rows(connection: pymysql.connections.Connection[Any], sql: str) -> list[dict[str, Any]]:
    """Rows by column name. Raises SqlError."""
    import pymysql
    from mha_sql import words

    try:
        with connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    except (pymysql.MySQLError, OSError) as error:
        raise SqlError(words(error)) from None


def trouble_of(replica: dict[str, Any]) -> str:
    """What has stopped a replica's threads for good."""
    for kind in ("SQL", "IO"):
        number = int(replica[f"Last_{kind}_Errno"] or 0)
        # The IO thread goes on trying where it only has no connection.
        if number and replica[f"Slave_{kind}_Running"] == "No":
            return f"error {number}: {' '.join(str(replica[f'Last_{kind}_Error']).split())}"
    if replica["Slave_SQL_Running"] == "No":
        return "it was stopped by hand (STOP SLAVE)"
    return ""


def is_applied(replica: dict[str, Any]) -> bool:
    """All that was received is applied."""
    idle = str(replica.get("Slave_SQL_Running_State") or "").startswith("Slave has read all relay log")
    same = (replica["Master_Log_File"], replica["Read_Master_Log_Pos"]) == (
        replica["Relay_Master_Log_File"],
        replica["Exec_Master_Log_Pos"],
    )
    return idle or same


class Master:
    """Keeps one connection. Every method raises SqlError when the server does not answer in time."""

    def __init__(self, *, timeout: float, user: str = "root") -> None:
        self.timeout, self.user = timeout, user
        self.kept: pymysql.connections.Connection[Any] | None = None

    def connection(self) -> pymysql.connections.Connection[Any]:
        if self.kept is None:
            self.kept = connect(timeout=self.timeout, user=self.user)
        return self.kept

    def socket(self) -> Socket | None:
        """Of the kept connection: readable between two questions when MariaDB has closed it, so stopped or died."""
        return getattr(self.kept, "_sock", None)

    def close(self) -> None:
        if self.kept is not None:
            kept, self.kept = self.kept, None
            with contextlib.suppress(Exception):  # a broken connection may fail in any way while it is closed
                kept.close()

    def look(self) -> Seen:
        fresh, began = self.kept is None, time.monotonic()
        try:
            return self._look()
        except SqlError:
            self.close()
            if fresh or time.monotonic() - began > self.timeout / 2:
                raise
        try:
            return self._look()  # the server may have been restarted since, and be well
        except SqlError:
            self.close()
            raise

    def _look(self) -> Seen:
        connection = self.connection()
        ((read_only, state, version),) = query(connection, QUESTION)
        semi = {str(name).lower(): str(value) for name, value in query(connection, SEMI_SYNC)}
        replicas = rows(connection, REPLICAS)
        replica = replicas[0] if replicas else None
        return Seen(
            read_only=bool(int(read_only)),
            binlog_state=str(state or ""),
            confirmed=semi.get("rpl_semi_sync_master_status") == "ON"
            and semi.get("rpl_semi_sync_master_clients") not in (None, "0"),
            connected=bool(replica and replica["Slave_IO_Running"] == "Yes"),
            applied=replica is None or is_applied(replica),
            trouble=trouble_of(replica) if replica else "it is not set up",
            source=str(replica["Master_Host"]) if replica else "",
            version=str(version),
        )

    def forget_replicas(self) -> int:
        """Close the connections of replicas, unless writes are to wait for one; how many there were."""
        connection = self.connection()
        ((blocks,),) = query(connection, "SELECT @@GLOBAL.rpl_semi_sync_master_wait_no_slave")
        if int(blocks):
            return 0
        found = query(connection, "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump'")
        for (number,) in found:
            with contextlib.suppress(SqlError):  # it has ended meanwhile
                query(connection, f"KILL CONNECTION {int(number)}")
        return len(found)

    def writable(self) -> None:
        query(self.connection(), "SET GLOBAL read_only = OFF")

    def shut(self, *, timeout: float) -> int:
        """End every client's session and become read-only; the number of sessions ended. A lock that a client holds
        would keep read_only waiting.
        """
        self.close()
        connection = connect(timeout=timeout)
        try:
            ended = end_sessions(connection)
            query(connection, "SET GLOBAL read_only = ON")
            return ended + end_sessions(connection)
        finally:
            with contextlib.suppress(Exception):
                connection.close()


def end_sessions(connection: pymysql.connections.Connection[Any]) -> int:
    """Sessions of clients, ended; root's at localhost too: nobody is left that began on a writable server."""
    ended = 0
    for (number,) in query(connection, SESSIONS):
        with contextlib.suppress(SqlError):  # it has ended meanwhile
            query(connection, f"KILL HARD CONNECTION {int(number)}")
            ended += 1
    return ended
