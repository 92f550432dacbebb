"""A web host on a desk: its nginx is a server of the test's, systemd a stand-in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.programs.conftest import Desk


@dataclass
class Answers:
    """What a server of the test's says, and what it was asked."""

    words: str
    status: int = 200
    server: ThreadingHTTPServer | None = None
    asked: list[str] = field(default_factory=list)

    def start(self, port: int) -> None:
        """Listens on the loopback."""
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers.asked.append(self.path)
                self.send_response(answers.status)
                self.end_headers()
                self.wfile.write(answers.words.encode())

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuses connections from now on."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class WebHost:
    """A desk with the settings of the host web1, and its ports."""

    desk: Desk
    port: int
    agent_port: int
    nginx: Answers
    agent: Answers

    def settings(self, **changes: str) -> None:
        """web.env, with what is changed of it."""
        values = {
            "HOST": "web1",
            "PORT": str(self.port),
            "TLS_PORT": "",
            "VIP": "172.16.21.60",
            "PEER": "web2",
            "PEER_ADDRESS": "",
            "TAKES_BACK": "no",
            **changes,
        }
        self.desk.write("/etc/mariadb-ha/web.env", "".join(f'{key}="{value}"\n' for key, value in values.items()))


@pytest.fixture
def host(desk: Desk) -> Iterator[WebHost]:
    """nginx and agent are down until a test starts them."""
    made = WebHost(desk, free_port(), free_port(), Answers("web1\n"), Answers("ok: nginx answers; stands by"))
    made.settings()
    desk.write("/etc/mariadb-ha/agent.env", f"AGENT_PORT={made.agent_port}\n")
    yield made
    made.nginx.stop()
    made.agent.stop()
