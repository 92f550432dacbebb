"""The workload of a drill: writers, impatient, that show when the service takes writes, and holders, patient, that show whether
sessions survive. Every client binds a source address of its own: with persistence on, LVS keeps an address with its server."""

from __future__ import annotations

import itertools
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ops import sessions
from ops.history import History, attempt_record
from ops.ledger import Attempt, Result, Session

#: Writers in all, spread over the client addresses (at least one for each).
WRITERS = 6
#: Pause of a writer after a write, in seconds.
WRITE_PAUSE = 0.1
#: Pause after an error, before the next attempt.
ERROR_PAUSE = 0.03
#: A writer's patience for one answer. Each has a little more than the one before: clients that lost the service together would
#: otherwise try again together, and a gap would be measured in steps of their patience.
WRITE_PATIENCE, PATIENCE_STEP = 0.75, 0.1
#: Holders ask once a second and wait long, as a connection pool does.
HOLD_PAUSE, HOLD_PATIENCE = 1.0, 10.0


@dataclass
class Events:
    """What all clients saw, in lists that only grow (appending is atomic)."""

    history: History
    began: float
    attempts: list[Attempt]
    sessions: list[Session]
    failures: list[tuple[float, str]]

    def now(self) -> float:
        """Seconds since the workload began."""
        return time.monotonic() - self.began


class Client(threading.Thread, ABC):
    """One client: a thread with one session at a time."""

    #: An impatient client's timeout says little about the session; a patient one's says that it is dead.
    impatient = True

    def __init__(self, name: str, target: sessions.Target, source: str | None, patience: float, events: Events, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.target = target
        self.source = source
        self.patience = patience
        self.events = events
        self.stopping = stop
        self.session: Any = None
        self.current: Session | None = None

    def run(self) -> None:
        """Until told to stop: have a session, do the work, say what failed."""
        while not self.stopping.is_set():
            if self.session is None and not self._open():
                self.stopping.wait(ERROR_PAUSE)
                continue
            self.stopping.wait(self.work())
        if self.current is not None:
            self._record(self.current)
        sessions.discard(self.session)

    @abstractmethod
    def work(self) -> float:
        """One unit of work with the open session. Gives the pause after it, in seconds."""

    def _open(self) -> bool:
        try:
            self.session, server = sessions.connect(self.target, self.source, self.patience)
        except sessions.Failure as error:
            self.failed("connect", error)
            return False
        self.current = Session(client=self.name, server=server, opened=self.events.now())
        return True

    def failed(self, doing: str, error: BaseException) -> None:
        """Counts an error that the client saw."""
        at = self.events.now()
        self.events.failures.append((at, f"{doing}: {error}"))
        self.events.history.add("failure", {"client": self.name, "at": round(at, 6), "doing": doing, "error": str(error)})

    def drop(self, error: BaseException) -> None:
        """The session is of no use any more."""
        sessions.discard(self.session)
        self.session = None
        if self.current is not None:
            self._record(replace(self.current, broken=self.events.now(), error=str(error), gave_up=self.impatient and sessions.timed_out(error)))
        self.current = None

    def _record(self, session: Session) -> None:
        self.events.sessions.append(session)
        self.events.history.add("session", asdict(session))


class Writer(Client):
    """Writes one numbered row after the other."""

    def __init__(self, *args: Any, numbers: itertools.count[int]) -> None:
        super().__init__(*args)
        self.numbers = numbers

    def work(self) -> float:
        """One write."""
        number, start = next(self.numbers), self.events.now()
        result, words = Result.ACKED, ""
        try:
            with self.session.cursor() as cursor:
                cursor.execute("INSERT INTO ledger (n, client) VALUES (%s, %s)", (number, self.name))
        except sessions.Failure as error:
            result, words = sessions.result_of(error), str(error)
            self.failed("write", error)
            if sessions.code_of(error) not in sessions.TRANSIENT:
                self.drop(error)
        attempt = Attempt(number=number, client=self.name, start=start, end=self.events.now(), result=result, error=words)
        self.events.attempts.append(attempt)
        self.events.history.add("attempt", attempt_record(attempt))
        return WRITE_PAUSE if result is Result.ACKED else ERROR_PAUSE


class Holder(Client):
    """Keeps a session and uses it now and then."""

    impatient = False

    def work(self) -> float:
        """One small read."""
        try:
            with self.session.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchall()
        except sessions.Failure as error:
            self.failed("hold", error)
            self.drop(error)
            return ERROR_PAUSE
        return HOLD_PAUSE


class Workload:
    """All clients together."""

    def __init__(self, target: sessions.Target, addresses: Sequence[str], history: History) -> None:
        self.events = Events(history=history, began=time.monotonic(), attempts=[], sessions=[], failures=[])
        self._stop = threading.Event()
        numbers = itertools.count(1)
        sources: list[str | None] = [*addresses] or [None]
        count = max(WRITERS, len(sources))
        self.clients: list[Client] = []
        for index in range(count):
            patience = WRITE_PATIENCE + PATIENCE_STEP * index
            source = sources[index % len(sources)]
            self.clients.append(Writer(f"w{index + 1}", target, source, patience, self.events, self._stop, numbers=numbers))
        for index, source in enumerate(sources):
            self.clients.append(Holder(f"h{index + 1}", target, source, HOLD_PATIENCE, self.events, self._stop))

    def start(self) -> None:
        """Starts the clients, a little apart so that they do not move in step."""
        for client in self.clients:
            client.start()
            time.sleep(WRITE_PAUSE / max(len(self.clients), 1))

    def stop(self) -> None:
        """Ends the clients; waits for what they have in flight. May be called twice."""
        self._stop.set()
        for client in self.clients:
            if client.ident is not None:
                client.join(HOLD_PATIENCE + 2)

    def writers(self) -> list[str]:
        """Names of the writers."""
        return [client.name for client in self.clients if isinstance(client, Writer)]

    def serving(self) -> Counter[str]:
        """How many open sessions each server has now."""
        return Counter(client.current.server for client in self.clients if client.current is not None)

    def sessions(self) -> list[Session]:
        """Sessions that ended and those still open."""
        return [*self.events.sessions, *(client.current for client in self.clients if client.current is not None and client.is_alive())]
