"""Requests instead of writes: one small GET through the VIP, and what each host answers by itself."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from ops.component import Pages
from ops.inventory import Endpoint
from ops.ledger.store import Contents

#: Told with each answer: the host that gave it.
SERVED_BY = "X-Served-By"
#: Everything that may go wrong with a request.
Failure = (OSError, EOFError, http.client.HTTPException)
#: Patience with a host that is asked by itself, in seconds.
PATIENCE = 10.0


@dataclass(frozen=True, kw_only=True)
class PageTarget:
    """Where clients connect, and whether by HTTPS."""

    endpoint: Endpoint
    tls: bool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, the host that gave it (empty: it does not say), and the body."""

    status: int
    server: str
    body: bytes


def connect(target: PageTarget, source: str | None, patience: float, *, handshake: float) -> http.client.HTTPConnection:
    """An open connection. `handshake` and `patience` in seconds: for connecting, and for each answer.

    Raises:
        OSError: none came about.
    """
    where, local = (target.endpoint.host, target.endpoint.port), (source, 0) if source else None
    raw = socket.create_connection(where, timeout=handshake, source_address=local)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    raw.settimeout(patience)
    connection = http.client.HTTPConnection(*where, timeout=patience)
    try:
        connection.sock = _unchecked().wrap_socket(raw) if target.tls else raw
    except BaseException:
        raw.close()
        raise
    return connection


def _unchecked() -> ssl.SSLContext:
    """A drill asks whether the pair answers, not whether its certificate is trusted here."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def ask(connection: http.client.HTTPConnection, path: str) -> Answer:
    """One GET on an open connection, which stays open.

    Raises:
        OSError, HTTPException: no whole answer came.
    """
    connection.request("GET", path)
    answer = connection.getresponse()
    return Answer(status=answer.status, server=answer.getheader(SERVED_BY, ""), body=answer.read())


class PageBooks:
    """Nothing has to be made or dropped: what each host answers is compared afterwards."""

    noun, verb = "request", "be answered"
    by_hand = ""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def target(self, endpoint: Endpoint) -> PageTarget:
        """See `Books.target`."""
        return PageTarget(endpoint=endpoint, tls=self.pages.tls)

    def refuse_another_drill(self) -> None:
        """See `Books.refuse_another_drill`. Two who ask do not disturb each other."""

    def create(self) -> None:
        """See `Books.create`."""

    def drop(self) -> None:
        """See `Books.drop`."""

    def read(self) -> Mapping[str, Contents | None]:
        """See `Books.read`: the page of every host, asked at its own address."""
        return {host: self._page(address) for host, address in self.pages.nodes.items()}

    def _page(self, address: str) -> Contents | None:
        target = self.target(Endpoint(host=address, port=self.pages.endpoint.port))
        try:
            connection = connect(target, None, PATIENCE, handshake=PATIENCE)
            try:
                answer = ask(connection, "/")
            finally:
                connection.close()
        except Failure:
            return None
        body = answer.body if self.pages.alike else b""
        return Contents(numbers=None, checksum=str(answer.status), digest=hashlib.sha256(body).hexdigest())
