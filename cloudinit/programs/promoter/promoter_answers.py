"""What a promoter answers over HTTP: GET /state and POST /grant."""

from __future__ import annotations

import contextlib
import json
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

import fenced_mark

#: Where this host's own programs ask from.
LOOPBACK = "127.0.0.1"


class Named(Protocol):
    """A pair's settings, as far as they matter here."""

    @property
    def name(self) -> str: ...


class Answering(Protocol):
    """Who is asked. `grant` gives a status and its body."""

    @property
    def settings(self) -> Named: ...

    def state(self) -> dict[str, Any]: ...

    def grant(self, asker: str) -> tuple[int, dict[str, Any]]: ...


class Handler(BaseHTTPRequestHandler):
    """The other host's questions; the firewall admits nobody else but hactl on this host."""

    promoter: Answering
    timeout = 2

    def setup(self) -> None:
        super().setup()
        if self.client_address[0] != LOOPBACK:  # the other host lives
            fenced_mark.remove(self.promoter.settings.name)

    def do_GET(self) -> None:
        self.reply(200, self.promoter.state()) if self.path == "/state" else self.reply(
            404, {"why": "there are /state and /grant"}
        )

    def do_POST(self) -> None:
        if self.path == "/grant":
            self.reply(*self.promoter.grant(self.client_address[0]))
        else:
            self.reply(404, {"why": "there are /state and /grant"})

    def reply(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        with contextlib.suppress(ConnectionError):  # who asked has lost patience
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Two questions a second are no news."""
