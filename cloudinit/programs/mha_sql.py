"""SQL over the server's own socket (python3-pymysql), as the operating system's user: no password."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pymysql

SOCKET = "/run/mysqld/mysqld.sock"
STATUS = (
    "wsrep_ready",
    "wsrep_cluster_status",
    "wsrep_cluster_state_uuid",
    "wsrep_cluster_size",
    "wsrep_local_state",
    "wsrep_local_state_comment",
    "wsrep_last_committed",
)
VARIABLES = ("read_only", "wsrep_reject_queries", "wsrep_on")


class SqlError(Exception):
    """The server did not answer, or refused; the message is the server's."""


def connect(*, timeout: float = 5.0, user: str = "root") -> pymysql.connections.Connection[Any]:
    """A connection whose every wait ends after `timeout` (s). Raises SqlError.

    `wsrep_sync_wait=0`: a question about the node must not wait for the cluster, which may never answer.
    """
    import pymysql

    path = os.environ.get("MHA_SOCKET", os.environ.get("MHA_ROOT", "") + SOCKET)
    try:
        return pymysql.connect(
            unix_socket=path,
            user=user,
            connect_timeout=timeout,
            read_timeout=timeout,
            write_timeout=timeout,
            init_command="SET SESSION wsrep_sync_wait=0",
            autocommit=True,
        )
    except (pymysql.MySQLError, OSError, RuntimeError) as error:
        raise SqlError(words(error)) from None


def words(error: BaseException) -> str:
    """The message without the number."""
    return str(error.args[1] if len(error.args) > 1 else error)


def query(connection: pymysql.connections.Connection[Any], sql: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """All rows. Raises SqlError."""
    import pymysql

    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())
    except (pymysql.MySQLError, OSError) as error:
        raise SqlError(words(error)) from None


def wsrep_values(connection: pymysql.connections.Connection[Any]) -> dict[str, str]:
    """The node's wsrep status and the variables that shut clients out. SHOW is answered without a Primary component too."""
    found: dict[str, str] = {}
    for kind, names in (("STATUS", STATUS), ("VARIABLES", VARIABLES)):
        listed = ", ".join(f"'{name}'" for name in names)
        found |= {str(name).lower(): str(value) for name, value in query(connection, f"SHOW GLOBAL {kind} WHERE Variable_name IN ({listed})")}
    return found
