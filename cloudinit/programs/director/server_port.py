"""The port that clients use, of each real server, as a director sees it: open, refused, or silent.

The connection is never completed: SYN, SYN/ACK, RST. The kernel of the server answers for a program that listens, and
that program sees nothing. A completed one that says nothing would be a warning in MariaDB's log each second, and take a
place among max_connections.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mha_common import Failure

NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Pace:
    """Seconds, and how often a failure is repeated before it counts: keepalived's own values (director.env)."""

    delay_loop: float = 1.0
    connect_timeout: float = 1.0
    retry: int = 1
    delay_before_retry: float = 0.5


def pace(env: Mapping[str, str]) -> Pace:
    """Raises Failure when a value is no number."""
    try:
        return Pace(
            float(env.get("DELAY_LOOP", "1")),
            float(env.get("CONNECT_TIMEOUT", "1")),
            int(env.get("RETRY", "1")),
            float(env.get("DELAY_BEFORE_RETRY", "0.5")),
        )
    except ValueError as error:
        raise Failure(
            f"/etc/mariadb-ha/director-checks.env is garbled: {error}", todo="deliver it again: pulumi up"
        ) from None


@dataclass
class Port:
    """One server's port. `words`: why it does not take connections, as the last look saw it; None: not known yet."""

    address: str
    number: int
    pace: Pace = field(default_factory=Pace)
    words: str | None = None
    refused: bool = False
    """Of the last failure: the server's host said no. Else nothing came."""
    failures: int = 0
    connection: socket.socket | None = None
    began: float = float("-inf")
    due: float = float("-inf")

    @property
    def known(self) -> bool:
        """Whether a look has ended that counts."""
        return self.words is not None

    @property
    def open(self) -> bool:
        return self.words == ""

    def begin(self, now: float) -> socket.socket:
        """A look: the socket is writable when it has ended."""
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)  # the last ACK waits: RST comes before it
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.connection, self.began = connection, now
        error = connection.connect_ex((self.address, self.number))
        if error not in (0, errno.EINPROGRESS):
            self.end(now, error)
        return connection

    def ended(self, now: float) -> None:
        """The socket is writable."""
        if self.connection:
            self.end(now, self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    def late(self, now: float) -> bool:
        return self.connection is not None and now - self.began > self.pace.connect_timeout

    def end(self, now: float, error: int) -> None:
        """A look has ended: 0 open, else errno."""
        if self.connection:
            self.connection.close()
        self.connection = None
        self.due = max(self.began + self.pace.delay_loop, now)
        if not error:
            self.failures, self.words = 0, ""
            return
        self.failures += 1
        if self.failures <= self.pace.retry:
            self.due = now + self.pace.delay_before_retry
            return
        self.refused = error == errno.ECONNREFUSED
        silent = f"no answer in {self.pace.connect_timeout:g} s"
        self.words = silent if error == errno.ETIMEDOUT else os.strerror(error).lower()


def shut(port: Port, others: Iterable[Port]) -> bool:
    """Whether new clients are to be kept from a server for its port's sake.

    No answer is less than a plain no: it counts only while another server's port is open, and its last look did not
    fail either, so that a link that stalls takes nobody's last server away.
    """
    if port.open or not port.known:
        return False
    return port.refused or any(other.open and not other.failures for other in others)


def due(ports: Iterable[Port], now: float) -> list[Port]:
    """Those at which to look now."""
    return [port for port in ports if port.connection is None and port.due <= now]


def wait(ports: Iterable[Port], *, longest: float = 1.0) -> float:
    """Seconds until a look is due, or is late."""
    now = time.monotonic()
    times = [port.due if port.connection is None else port.began + port.pace.connect_timeout for port in ports]
    return min([longest, *(max(moment - now, 0.0) + 0.005 for moment in times)])
