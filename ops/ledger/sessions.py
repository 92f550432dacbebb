"""One client's connection through the VIP, from an address of its own, with patience short enough to see a gap.

The TCP handshake is tried anew every `TCP_PATIENCE` seconds: the kernel would repeat a lost SYN only after a second,
and a gap would be measured in whole seconds.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

import pymysql

from ops.inventory import Endpoint
from ops.ledger.writes import Result

TCP_PATIENCE = 0.3

#: Errors that say for certain that the statement had no effect: access denied, unknown database or table, no privilege,
#: lock wait timeout, deadlock (Galera's certification conflict), read-only, too many connections, WSREP not ready.
REFUSED = frozenset({1040, 1044, 1045, 1047, 1049, 1142, 1146, 1205, 1213, 1290})
#: Of these, what leaves the session usable.
TRANSIENT = frozenset({1205, 1213})

Failure = (pymysql.Error, OSError, EOFError)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where clients connect and as whom."""

    endpoint: Endpoint
    user: str
    password: str
    database: str


def connect(target: Target, source: str | None, patience: float, *, handshake: float = TCP_PATIENCE) -> tuple[Any, str]:
    """A session and the name of the server that it ended up on. Patience in seconds: for each answer of it, and for the
    TCP handshake.

    Raises:
        pymysql.Error, OSError: no session came about.
    """
    address = (target.endpoint.host, target.endpoint.port)
    raw = socket.create_connection(address, timeout=handshake, source_address=(source, 0) if source else None)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        session = pymysql.connect(
            host=target.endpoint.host,
            port=target.endpoint.port,
            user=target.user,
            password=target.password,
            database=target.database,
            autocommit=True,
            read_timeout=patience,
            write_timeout=patience,
            defer_connect=True,
            # The servers speak no TLS; to make ready for it costs 40 ms of processor time a session, and many sessions
            # that reconnect together would lengthen the gap that they measure.
            ssl_disabled=True,
        )
        session.connect(raw)
        with session.cursor() as cursor:
            cursor.execute("SELECT @@hostname")
            (server,) = cursor.fetchone() or ("",)
    except BaseException:
        raw.close()
        raise
    return session, host_of(str(server))


def host_of(server: str) -> str:
    """A server's name as the inventory has it: the first label. A host that others installed may call itself by its
    whole domain name."""
    return server.partition(".")[0]


def close(session: Any) -> None:
    """Closes in order, as a pool does with a session that it has no more use for. Never fails: a dead session is closed
    too."""
    if session is not None and session.open:
        session.close()


def discard(session: Any) -> None:
    """Closes without a word to the server, which may be gone."""
    if session is not None and session.open:
        session._force_close()


def code_of(error: BaseException) -> int:
    """MariaDB's error number; 0 where there is none."""
    first = error.args[0] if isinstance(error, pymysql.Error) and error.args else 0
    return first if isinstance(first, int) else 0


def result_of(error: BaseException) -> Result:
    """What is known of a statement that ended in this error."""
    return Result.REFUSED if code_of(error) in REFUSED else Result.UNKNOWN


def timed_out(error: BaseException) -> bool:
    """True when the client's own patience ended it."""
    return isinstance(error, TimeoutError) or "timed out" in str(error)
