"""Runs inside the image's root directory: the real haproxy with a balancer's own files, between agents and servers on
the loopback that do what they are told. Reads steps.json beside it, writes what was seen as JSON.

Steps: ["say", {NAME: what its agent says: a status, 504 late, 0 silent}]; ["wait", BACKEND, {NAME: start of a status}];
["heard", NAMES]: haproxy has taken that word, or silence; ["reads", NUMBER]: who answers so many new sessions that are
open at once; ["open"]: a session, answered by; ["alive"]: who answers in those.
"""

from __future__ import annotations

import contextlib
import csv
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORDS = {200: b"ready up\n", 404: b"drain up\n", 503: b"down #no\n", 504: b""}


class Desk:
    """`given`: addresses by name, ports of servers, agents and reads."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given, self.says = given, dict.fromkeys(given["addresses"], 200)
        self.asks: Counter[tuple[str, bytes]] = Counter()
        self.kept: list[socket.socket] = []
        self.haproxy: subprocess.Popen[bytes]
        for name, address in given["addresses"].items():
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
            self.listen(address, given["agent_port"], lambda one, name=name: self.agent(one, name))
            self.listen(address, given["port"], lambda one, name=name: self.server(one, name))

    def listen(self, address: str, port: int, answer: Any) -> None:
        listener = socket.create_server((address, port))

        def serve() -> None:
            while True:
                one, _ = listener.accept()
                threading.Thread(target=answer, args=(one,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()

    def agent(self, one: socket.socket, name: str) -> None:
        with contextlib.suppress(OSError, IndexError):
            path = one.recv(1000).split()[1]
            status = self.says[name]
            self.asks[name, path] += 1
            if not status:
                self.kept.append(one)
            elif path == b"/word":
                one.sendall(WORDS[status])
            elif path == b"/state":
                one.sendall(b'HTTP/1.0 200 OK\r\n\r\n{"running": ' + (b"false" if status == 504 else b"true") + b"}\n")
            else:
                late = 404 if path == b"/patient" else 503
                one.sendall(f"HTTP/1.0 {late if status == 504 else status} -\r\nContent-Length: 0\r\n\r\n".encode())
        if one not in self.kept:
            one.close()

    def server(self, one: socket.socket, name: str) -> None:
        """Says its name to whoever sends anything."""
        with contextlib.suppress(OSError):
            while one.recv(100):
                one.sendall(name.encode())
        one.close()

    def session(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.given["read_port"]), timeout=20)

    def asked(self, one: socket.socket) -> str:
        """Who answers; empty: the session has been closed."""
        try:
            one.sendall(b"?")
            return one.recv(100).decode()
        except OSError:
            return ""

    def status(self, backend: str) -> dict[str, str]:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(self.given["socket"])
            one.sendall(b"show stat\n")
            text = b"".join(iter(lambda: one.recv(65536), b"")).decode()
        rows = csv.DictReader(text.removeprefix("# ").splitlines())
        return {row["svname"]: row["status"] for row in rows if row["pxname"] == backend}

    def wait(self, backend: str, wanted: dict[str, str]) -> None:
        end, found = time.monotonic() + 60, {}
        while True:
            with contextlib.suppress(OSError):
                found = self.status(backend)
                if all(found.get(name, "").startswith(start) for name, start in wanted.items()):
                    return
            if time.monotonic() > end or self.haproxy.poll() is not None:
                sys.exit(f"{backend} is {found}, not {wanted}")
            time.sleep(0.1)

    def heard(self, names: list[str]) -> None:
        """Who is asked a second time has been heard."""
        end = time.monotonic() + 60
        while any(self.asks[name, path] < 2 for name in names for path in (b"/patient", b"/word")):
            if time.monotonic() > end:
                sys.exit(f"{names} are not asked: {self.asks}")
            time.sleep(0.1)


def play(desk: Desk, steps: list[list[Any]]) -> list[Any]:
    """What was seen."""
    seen: list[Any] = []
    opened: list[socket.socket] = []
    for step, *more in steps:
        if step == "say":
            desk.says |= more[0]
            desk.asks.clear()
        elif step == "wait":
            desk.wait(*more)
        elif step == "heard":
            desk.heard(more[0])
        elif step == "reads":
            with contextlib.ExitStack() as open_now:
                seen.append(sorted({desk.asked(open_now.enter_context(desk.session())) for _ in range(more[0])}))
        elif step == "open":
            opened.append(desk.session())
            seen.append(desk.asked(opened[-1]))
        elif step == "alive":
            seen.append([desk.asked(one) for one in opened])
    return seen


def main() -> None:
    given = json.loads((HERE / "steps.json").read_text())
    desk = Desk(given)
    Path(given["socket"]).parent.mkdir(parents=True, exist_ok=True)
    command = ["haproxy", "-db"]
    for file in given["files"]:
        command += ["-f", file]
    with subprocess.Popen(command, stdout=sys.stderr) as haproxy:
        desk.haproxy = haproxy
        try:
            print(json.dumps(play(desk, given["steps"])))
        finally:
            haproxy.terminate()


if __name__ == "__main__":
    main()
