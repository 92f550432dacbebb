"""SQL over the server's own socket (python3-pymysql), as the operating system's user: no password."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socket import socket as Socket

    import pymysql

SQL_TIMEOUT = 2.0
SOCKET = "/run/mysqld/mysqld.sock"


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


def query(
    connection: pymysql.connections.Connection[Any], sql: str, arguments: tuple[object, ...] = ()
) -> list[tuple[Any, ...]]:
    """All rows. Raises SqlError."""
    import pymysql

    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())
    except (pymysql.MySQLError, OSError) as error:
        raise SqlError(words(error)) from None


class KeptConnection:
    """One persistent connection to MariaDB, made again when it broke. `ask`: the figures over a connection."""

    def __init__(self, user: str, ask: Callable[[pymysql.connections.Connection[Any]], dict[str, Any]]) -> None:
        self.user, self.ask = user, ask
        self.connection: pymysql.connections.Connection[Any] | None = None

    def figures(self) -> dict[str, Any]:
        """Raises SqlError after about SQL_TIMEOUT (s), or twice that when a kept connection had to be made again."""
        if self.connection is not None:
            try:
                return self.ask(self.connection)
            except SqlError:
                self.close()  # the server may have been restarted since, and be well
        try:
            self.connection = connect(timeout=SQL_TIMEOUT, user=self.user)
            return self.ask(self.connection)
        except SqlError:
            self.close()
            raise

    def socket(self) -> Socket | None:
        """Of the kept connection: readable between two questions when MariaDB has closed it, so stopped or died."""
        return getattr(self.connection, "_sock", None)

    def close(self) -> None:
        if self.connection is not None:
            connection, self.connection = self.connection, None
            with contextlib.suppress(Exception):  # a broken connection may fail in any way while it is closed
                connection.close()
