"""The real servers as a director watches them, and the files in which it tells keepalived of each (drain-watch)."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mha_common import Failure, at, say
from server_port import Port, pace, shut
from server_verdict import KEEP, LATE, NEVER, REFUSE, SERVE, Heard, Patience, kept
from server_verdict import settle as who_is_out

#: {SERVER: why its port takes no connections}: of those whose port does not.
PORTS = "/run/mariadb-ha/ports.json"
#: {SERVER: {"what": "silent" or "late", "since": time.monotonic() when it was heard last, or null}}: of those that have
#: clients all the same, for no other server takes any.
KEPT = "/run/mariadb-ha/kept.json"
FOLDER, OUT = "/run/mariadb-ha/servers", "/run/mariadb-ha/out"
#: Seconds until an agent that fell silent is asked anew.
PAUSE = 1.0
VALUES = {SERVE: "0", KEEP: "-1", REFUSE: "-1"}


@dataclass
class Server:
    """A real server's agent: where it is, and the connection on which it speaks."""

    name: str
    address: str
    port: int
    connection: socket.socket | None = None
    since: float = NEVER
    """When it last spoke, was asked, or was given up (time.monotonic())."""
    text: bytes = field(default=b"", repr=False)
    silent: bool = False
    door: Port | None = None
    """The port that clients use, where director.env names it."""
    heard: Heard = field(default_factory=Heard)
    line: str = ""
    """What its agent said last."""
    pause: float = PAUSE
    """Before it is asked anew."""

    @property
    def file(self) -> Path:
        return at(f"{FOLDER}/{self.name}")

    @property
    def out_file(self) -> Path:
        return at(f"{OUT}/{self.name}")


def servers(env: Mapping[str, str]) -> list[Server]:
    """From SERVERS ("NAME=ADDRESS …") and AGENT_PORT. Raises Failure."""
    steps = pace(env)
    try:
        port, doors = int(env["AGENT_PORT"]), int(env.get("SERVER_PORT", "0"))
        return [
            Server(name, address, port, door=Port(address, doors, steps) if doors else None)
            for name, address in (pair.split("=", 1) for pair in env["SERVERS"].split())
        ]
    except (KeyError, ValueError) as error:
        raise Failure(
            f"/etc/mariadb-ha/director.env is incomplete: {error}", todo="deliver it again: pulumi up"
        ) from None


def note(server: Server, verdict: str, known: list[Server]) -> None:
    """One line of an agent, `200 ok: …`."""
    status, _, words = verdict.partition(" ")
    if not status.isdigit() or int(status) not in (*VALUES, LATE):
        return
    server.heard.says(int(status), [one.heard for one in known if one is not server], time.monotonic())
    if int(status) == LATE:
        return
    if server.silent:
        server.silent = False
        say(f"{server.name}: its health agent answers again")
    server.line = f"{status} {words}"


def write(file: Path, text: str) -> bool:
    """Whether the file had to be written. Nobody reads a half-written one."""
    with contextlib.suppress(FileNotFoundError):
        if file.read_text() == text:
            return False
    new = file.with_name(f".{file.name}.new")
    new.write_text(text)
    new.rename(file)
    return True


def settle(known: list[Server], given: Patience) -> None:
    """What follows from all agents' words, all silence and all ports, into the files."""
    closed_ports = {server.name: server.door.words for server in known if server.door and server.door.words}
    write(at(PORTS), json.dumps(closed_ports) + "\n")
    doors = [server.door for server in known if server.door]
    for server in known:
        door = server.door
        server.heard.closed = door is not None and shut(door, [other for other in doors if other is not door])
    heard, now = {server.name: server.heard for server in known}, time.monotonic()
    left = who_is_out(heard, given, now)
    stay = {name: {"what": what, "since": since} for name, (what, since) in kept(heard, given, now).items()}
    write(at(KEPT), json.dumps(stay) + "\n")
    for server in known:
        if why := left.get(server.name):
            write(server.file, "-1")  # keepalived adds it for a moment when it is reloaded
            write(server.out_file, "1")
            say(f"{server.name}: is out ({why}, and another server takes clients)")
        if server.heard.out:
            continue
        door, closed = server.door, server.heard.closed
        value = "-1" if closed else VALUES.get(server.heard.status, "")
        if not value or (value == "0" and door is not None and not door.known):
            continue  # not known: what is in the files holds
        changed = write(server.file, value)
        if write(server.out_file, "0") or changed:
            why = f"port {door.number}: {door.words}" if closed and door else server.line
            say(f"{server.name}: {'takes new clients' if value == '0' else 'no new clients'} ({why})")


def prepare(known: list[Server]) -> None:
    """The files before the first word: one that has not been heard yet is out; who is no server any more has none."""
    names = {server.name for server in known}
    for folder in (at(FOLDER), at(OUT)):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.iterdir():
            if left.name not in names:
                left.unlink()
    for server in known:
        if not server.out_file.exists():
            write(server.out_file, "1")
        server.heard.asked = time.monotonic()
        server.heard.out = server.out_file.read_text().strip() != "0"
