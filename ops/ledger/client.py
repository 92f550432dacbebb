"""What every client of the ledger is: a thread that has one session at a time, and tells what it saw."""

from __future__ import annotations

import itertools
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ops.ledger import sessions
from ops.ledger.history import History, attempt_record
from ops.ledger.writes import Attempt, Result, Session


@dataclass
class Events:
    """What all clients saw, in lists that only grow (appending is atomic)."""

    history: History
    began: float
    attempts: list[Attempt]
    sessions: list[Session]
    failures: list[tuple[float, str]]
    reads: list[tuple[float, str]] = field(default_factory=list)
    """When a read was served, and to which client."""

    def now(self) -> float:
        """Seconds since the workload began."""
        return time.monotonic() - self.began


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the clients of one workload have in common. `target`: where they connect, as they know it; `numbers`: of the
    writes, each given once."""

    target: Any
    events: Events
    stop: threading.Event
    numbers: itertools.count[int]


class Client(threading.Thread, ABC):
    """One client. `patience`: for one answer of the server, in seconds."""

    #: An impatient client's timeout says little about the session; a patient one's says that it is dead.
    impatient = True
    #: Whether it writes: a workload flows when its writers do.
    writes = True
    #: Patience for the TCP handshake, in seconds.
    handshake = sessions.TCP_PATIENCE
    #: Pause after an error, before the next attempt, in seconds.
    error_pause = 0.03

    def __init__(self, name: str, source: str | None, patience: float, shared: Shared) -> None:
        super().__init__(name=name, daemon=True)
        self.source = source
        self.patience = patience
        self.shared = shared
        self.events = shared.events
        self.session: Any = None
        self.current: Session | None = None

    def run(self) -> None:
        """Until told to stop: have a session, do the work, say what failed."""
        stop = self.shared.stop
        while not stop.is_set():
            if self.session is None and not self.open():
                stop.wait(self.error_pause)
                continue
            stop.wait(self.work())
        if self.current is not None:
            self.record(self.current)
        self.discard()

    @abstractmethod
    def connect(self) -> tuple[Any, str]:
        """A session, and the name of the server that it ended up on. Raises one of `failures`."""

    @abstractmethod
    def discard(self) -> None:
        """Closes the session, if there is one, without a word to the server."""

    @abstractmethod
    def work(self) -> float:
        """One unit of work with the open session. Gives the pause after it, in seconds."""

    def open(self) -> bool:
        """Opens a session; False, and told, when none came about."""
        try:
            self.session, server = self.connect()
        except sessions.Failure as error:
            self.failed("connect", error)
            return False
        self.current = Session(client=self.name, server=server, opened=self.events.now())
        return True

    def failed(self, doing: str, error: BaseException) -> None:
        """Counts an error that the client saw."""
        at = self.events.now()
        self.events.failures.append((at, f"{doing}: {error}"))
        self.events.history.add(
            "failure", {"client": self.name, "at": round(at, 6), "doing": doing, "error": str(error)}
        )

    def drop(self, error: BaseException) -> None:
        """The session is of no use any more."""
        self.discard()
        self.session = None
        if self.current is not None:
            self.record(
                replace(
                    self.current,
                    broken=self.events.now(),
                    error=str(error),
                    gave_up=self.impatient and sessions.timed_out(error),
                )
            )
        self.current = None

    def record(self, session: Session) -> None:
        """Keeps what became of a session."""
        self.events.sessions.append(session)
        self.events.history.add("session", asdict(session))

    def attempted(self, number: int, start: float, result: Result, error: str, *, server: str = "") -> None:
        """Tells the fate of a write, or a request, that has just ended."""
        attempt = Attempt(
            number=number,
            client=self.name,
            start=start,
            end=self.events.now(),
            result=result,
            error=error,
            server=server,
        )
        self.events.attempts.append(attempt)
        self.events.history.add("attempt", attempt_record(attempt))


class SqlClient(Client):
    """A client of MariaDB."""

    def connect(self) -> tuple[Any, str]:
        """See `Client.connect`."""
        return sessions.connect(self.shared.target, self.source, self.patience, handshake=self.handshake)

    def discard(self) -> None:
        """See `Client.discard`."""
        sessions.discard(self.session)

    def insert(self) -> BaseException | None:
        """Writes the next numbered row and tells its fate. Gives the error, if there was one."""
        number, start = next(self.shared.numbers), self.events.now()
        found: BaseException | None = None
        try:
            with self.session.cursor() as cursor:
                cursor.execute("INSERT INTO ledger (n, client) VALUES (%s, %s)", (number, self.name))
        except sessions.Failure as error:
            found = error
        result, words = (Result.ACKED, "") if found is None else (sessions.result_of(found), str(found))
        self.attempted(number, start, result, words)
        return found
