"""One MariaDB server of a master-master pair, asked and changed over its own socket."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mha_sql import SqlError, connect, query
from replica_sql import REPLICAS, is_applied, rows, trouble_of

if TYPE_CHECKING:
    from socket import socket as Socket

    import pymysql

QUESTION = "SELECT @@GLOBAL.read_only, @@GLOBAL.gtid_binlog_state, @@version, @@GLOBAL.max_connections"
STATUS = (
    "SHOW GLOBAL STATUS WHERE Variable_name IN"
    " ('Rpl_semi_sync_master_status', 'Rpl_semi_sync_master_clients', 'Threads_connected')"
)
#: Sessions that are no client's: of the server itself, of replication.
SESSIONS = (
    "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER <> 'system user'"
    " AND COMMAND NOT IN ('Binlog Dump', 'Daemon')"
)


#: Sessions that came over the network, replication's and the house's own accounts aside.
CLIENTS = (
    "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND NOT IN ('Binlog Dump', 'Daemon')"
    " AND USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user')"
    r" AND USER NOT LIKE 'mariadb\_ha\_%' AND HOST NOT LIKE 'localhost%'"
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
    connections: int = 0
    max_connections: int = 0


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
        ((read_only, state, version, most),) = query(connection, QUESTION)
        status = {str(name).lower(): str(value) for name, value in query(connection, STATUS)}
        replicas = rows(connection, REPLICAS)
        replica = replicas[0] if replicas else None
        return Seen(
            read_only=bool(int(read_only)),
            binlog_state=str(state or ""),
            confirmed=status.get("rpl_semi_sync_master_status") == "ON"
            and status.get("rpl_semi_sync_master_clients") not in (None, "0"),
            connected=bool(replica and replica["Slave_IO_Running"] == "Yes"),
            applied=replica is None or is_applied(replica),
            trouble=trouble_of(replica) if replica else "it is not set up",
            source=str(replica["Master_Host"]) if replica else "",
            version=str(version),
            connections=int(status.get("threads_connected", 0)),
            max_connections=int(most),
        )

    def confirmation_wait(self) -> float:
        """Seconds for which a write waits for a replica that does not confirm it."""
        asked = "SELECT @@GLOBAL.rpl_semi_sync_master_enabled, @@GLOBAL.rpl_semi_sync_master_timeout"
        ((enabled, milliseconds),) = query(self.connection(), asked)
        return int(milliseconds) / 1000 if int(enabled) else 0.0

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

    def clients(self) -> int:
        """Sessions of clients."""
        ((count,),) = query(self.connection(), CLIENTS)
        return int(count)

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
