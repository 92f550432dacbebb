"""A guest book: a small application whose sessions with the database survive a failover. `python3 service.py PORT`.

GET / shows the last entries, POST / (`words=…`) adds one, GET /healthz asks the database. The database comes from the
variables DATABASE_URL and DATABASE_OPTIONS (JSON), which the stack beside this file exports as `database_url` and
`database_options`.
"""

from __future__ import annotations

import html
import json
import os
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from pool import Options, Pool, Unavailable

TABLE = (
    "CREATE TABLE IF NOT EXISTS guestbook (id INT AUTO_INCREMENT PRIMARY KEY, once CHAR(36) NOT NULL UNIQUE,"
    " words VARCHAR(200) NOT NULL)"
)
READ = "SELECT words FROM guestbook ORDER BY id DESC LIMIT 20"
#: A retry of a write whose answer was lost must not write twice: `once` is the same for every try.
WRITE = "INSERT IGNORE INTO guestbook (once, words) VALUES (%s, %s)"


class Page(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    pool: Pool

    def do_GET(self) -> None:
        self.answer(lambda: self.pool.run("SELECT 1") if self.path == "/healthz" else self.pool.run(READ))

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 10_000))
        words = parse_qs(body.decode(errors="replace")).get("words", [""])[0][:200]
        once = self.headers.get("Idempotency-Key") or str(uuid.uuid4())
        self.answer(lambda: self.pool.run(WRITE, (once[:36], words)))

    def answer(self, ask) -> None:  # type: ignore[no-untyped-def]
        """The rows as a page; 503 when the database was not there for as long as the pool waits."""
        try:
            rows, status = ask(), 200
        except Unavailable as error:
            rows, status = [(f"the database is not there: {error}",)], 503
        items = "".join(f"<li>{html.escape(str(row[0]))}</li>" for row in rows)
        page = f"<!doctype html><title>Guest book</title><ul>{items}</ul>\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are nginx's to log."""


def main() -> None:
    options = Options.of(json.loads(os.environ["DATABASE_OPTIONS"]))
    Page.pool = Pool(os.environ["DATABASE_URL"], options, size=int(os.environ.get("POOL_SIZE", "4")))
    Page.pool.run(TABLE)
    print(f"listening on port {sys.argv[1]}", flush=True)
    ThreadingHTTPServer(("", int(sys.argv[1])), Page).serve_forever()


if __name__ == "__main__":
    main()
