"""A forge as far as comments go: pull requests, comments, notes; it remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BOT = "github-actions[bot]"


class Forge:
    """Comments by number; `head` is the one open pull request's."""

    def __init__(self, head: str) -> None:
        self.head = head
        self.comments: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.port = 0

    def add(self, body: str, author: str) -> None:
        """A comment."""
        number = len(self.comments) + 1
        self.comments[number] = {"id": number, "body": body, "user": {"login": author}, "author": {"username": author}}

    def answer(self, method: str, path: str, body: str) -> Any:
        """What a forge says."""
        place = path.split("?")[0]
        if place.endswith("/pulls"):
            return [{"number": 7, "head": {"sha": self.head}}] if "head=alice%3Achange" in path else []
        if place == "/user":
            return {"username": BOT}
        if method == "GET":
            number = int(path.rsplit("page=", 1)[1])
            return list(self.comments.values())[(number - 1) * 100 : number * 100]
        if method == "POST":
            self.add(body, BOT)
        else:
            self.comments[int(place.rsplit("/", 1)[1])]["body"] = body
        return {}


@contextmanager
def served(forge: Forge) -> Iterator[Forge]:
    """The forge on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            forge.asked.append((self.command, self.path))
            forge.tokens.add(self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or "")
            answer = json.dumps(
                forge.answer(self.command, self.path, json.loads(sent)["body"] if sent else "")
            ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PATCH = do_PUT = _do

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forge.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
