"""The other host's promoter: what it says, and asking it for the right to take writes."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from typing import Any

from mha_common import say
from promoter_decide import Peer
from promoter_work import Settings

#: Seconds between two questions, and for one answer.
PERIOD, ANSWER = 0.3, 0.5
#: A host that stood still itself must not take the other for dead: so many questions in a row have to fail.
QUESTIONS = 2


def ask(settings: Settings, method: str, path: str, *, timeout: float = ANSWER) -> tuple[int, dict[str, Any]]:
    """One question on a connection of its own: an answer that comes too late reaches nobody. Raises OSError,
    ValueError.
    """
    connection = http.client.HTTPConnection(settings.peer_address, settings.port, timeout=timeout)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        found = json.loads(response.read())
    except http.client.HTTPException as error:
        raise OSError(str(error)) from None
    finally:
        connection.close()
    return response.status, found if isinstance(found, dict) else {}


def ask_right(settings: Settings) -> int | None:
    """The term with which the other host has given the right; None when it did not."""
    try:
        status, said = ask(settings, "POST", "/grant")
    except (OSError, ValueError) as error:
        say(f"{settings.peer} did not answer: {error}")
        return None
    if status != 200:
        say(f"{settings.peer} keeps the right: {said.get('why', 'no reason given')}")
        return None
    return int(said["term"])


class Watcher:
    """Asks the other host in a thread of its own. `bell` is readable when its answer has changed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.last: dict[str, Any] = {}
        self.heard_at = time.monotonic()
        self.met = False
        self.failed, self.silence, self.asked_at = 0, 0.0, time.monotonic()
        self.bell, self.hammer = socket.socketpair()
        self.nudge = threading.Event()
        for one in (self.bell, self.hammer):
            one.setblocking(False)

    def start(self) -> None:
        if self.settings.peer:
            threading.Thread(target=self.work, daemon=True, name="peer").start()

    def wake(self) -> None:
        self.nudge.set()

    def heard(self) -> Peer | None:
        """The last answer; None once questions have failed for `peer_timeout`, and before the first answer."""
        if not self.met or (self.failed >= QUESTIONS and self.silence >= self.settings.peer_timeout):
            return None
        said = self.last
        # A promoter that does not look any more tells of a host as it was.
        active = None if said.get("age", 0) > self.settings.hang_timeout and said["active"] is False else said["active"]
        return Peer(active=active, vip=said["vip"], right=said["right"], term=said["term"], name=self.settings.peer)

    def said(self) -> dict[str, bool]:
        """Part of /state: what the other host is, as far as it has been heard."""
        peer = self.heard()
        return {
            "peer_heard": peer is not None,
            "peer_eligible": peer is not None and bool(self.last.get("eligible")),
            "peer_serves": peer is not None and peer.vip and bool(peer.active),
        }

    def work(self) -> None:
        while True:
            began = time.monotonic()
            before = self.summary()
            try:
                status, said = ask(self.settings, "GET", "/state")
                if status == 200 and {"active", "vip", "right", "term"} <= said.keys():
                    self.last, self.heard_at, self.met = said, time.monotonic(), True
                    self.failed, self.silence = 0, 0.0
                else:
                    raise ValueError(said)
            except (OSError, ValueError):
                # Time in which this host itself stood still is no silence of the other one.
                since = min(time.monotonic() - self.asked_at, ANSWER + PERIOD)
                self.failed, self.silence = self.failed + 1, self.silence + since
            self.asked_at = time.monotonic()
            if self.summary() != before:
                with contextlib.suppress(BlockingIOError):
                    self.hammer.send(b".")
            self.nudge.wait(max(0.0, began + PERIOD - time.monotonic()))
            self.nudge.clear()

    def summary(self) -> tuple[object, ...]:
        return (self.heard() is None, *(self.last.get(key) for key in ("active", "vip", "right", "term", "eligible")))
