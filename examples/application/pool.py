"""Sessions that are kept, and what to do when one breaks (PyMySQL).

Every pool has these settings: SQLAlchemy calls them pool_size, pool_pre_ping, pool_recycle and connect_args, HikariCP
maximumPoolSize, connectionTestQuery, maxLifetime and connectionTimeout.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

#: Errors after which the statement may be sent again: the session broke, the server is shutting down or not Primary,
#: a deadlock or a failed certification rolled the transaction back (1205, 1213), or it takes no writes now (1290).
AGAIN = {1040, 1047, 1053, 1205, 1213, 1290, 1792, 1927, 2002, 2003, 2006, 2013, 2055}


@dataclass(frozen=True)
class Options:
    """What the contract's `client_options` advise; all in seconds.

    `connect`, `answer`: for a new session, and for one answer; a session whose server lost power is given up after the
    second. `patience`, `pause`: how long one request is tried again, and how often; longer than the longest
    promised_write_gap_s. `recycle`: the age at which an idle session is made anew, below the 900 s after which
    directors forget one. `ping`: an idle session is asked before it is used.
    """

    connect: float
    answer: float
    patience: float
    pause: float
    recycle: float
    ping: bool

    @classmethod
    def of(cls, advised: Mapping[str, Any]) -> Options:
        """From the contract. What later contracts add is passed over.

        Raises:
            KeyError: a key that the contract promises is not there.
        """
        return cls(
            connect=advised["connect_timeout_s"],
            answer=advised["read_timeout_s"],
            patience=advised["retry_for_s"],
            pause=advised["retry_pause_s"],
            recycle=advised["pool_recycle_s"],
            ping=advised["pool_pre_ping"],
        )


class Unavailable(Exception):
    """No answer for as long as the options say; the message is the last error's."""


class Pool:
    """At most `size` idle sessions are kept.

    Args:
        url: `mysql+pymysql://USER:PASSWORD@HOST:PORT/DATABASE`, user and password percent-encoded.
    """

    def __init__(self, url: str, options: Options, *, size: int) -> None:
        found = urlsplit(url)
        self.options = options
        self.asked: dict[str, Any] = {
            "host": found.hostname,
            "port": found.port,
            "user": unquote(found.username or ""),
            "password": unquote(found.password or ""),
            "database": found.path.lstrip("/"),
            "connect_timeout": options.connect,
            "read_timeout": options.answer,
            "write_timeout": options.answer,
            "autocommit": True,
        }
        self.idle: queue.LifoQueue[tuple[float, pymysql.connections.Connection[Any]]] = queue.LifoQueue(size)

    def run(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """One statement in a transaction of its own, sent again while errors say that it may be: it must do no harm
        when it is done twice.

        Raises:
            Unavailable: no answer in time.
            pymysql.MySQLError: the statement itself is refused.
        """
        end = time.monotonic() + self.options.patience
        while True:
            try:
                return self.once(statement, values)
            except (pymysql.MySQLError, OSError) as error:
                number = error.args[0] if error.args else 0
                if isinstance(error, pymysql.MySQLError) and number not in {*AGAIN, 0}:
                    raise
                if time.monotonic() > end:
                    raise Unavailable(str(error)) from None
                # The other idle sessions led to the same server: they are as broken as this one.
                self.forget()
                time.sleep(self.options.pause)

    def once(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """One try; the session is kept only when it went well."""
        born, session = self.take()
        try:
            with session.cursor() as cursor:
                cursor.execute(statement, values or None)
                rows = list(cursor.fetchall())
        except BaseException:
            close(session)
            raise
        if time.monotonic() - born > self.options.recycle:
            close(session)
        else:
            try:
                self.idle.put_nowait((born, session))
            except queue.Full:
                close(session)
        return rows

    def take(self) -> tuple[float, pymysql.connections.Connection[Any]]:
        """An idle session that answers, else a new one; with the time of its birth."""
        with contextlib.suppress(queue.Empty):
            born, session = self.idle.get_nowait()
            if not self.options.ping:
                return born, session
            try:
                session.ping(reconnect=False)
                return born, session
            except (pymysql.MySQLError, OSError):
                close(session)
                self.forget()
        return time.monotonic(), pymysql.connect(**self.asked)

    def forget(self) -> None:
        """Close what is idle."""
        with contextlib.suppress(queue.Empty):
            while True:
                close(self.idle.get_nowait()[1])


def close(session: pymysql.connections.Connection[Any]) -> None:
    """Whatever state it is in."""
    with contextlib.suppress(Exception):
        session.close()
