"""The workload of `hactl ledger`: clients that use their sessions as a sane connection pool does. What they do with a
session, write or ask, is said by the kind of client.

A session is pinged before it is used again and replaced once, silently, when it is dead (SQLAlchemy's `pool_pre_ping`);
older than `LIFETIME` it is closed between two uses and a new one opened (`pool_recycle`, HikariCP's `maxLifetime`); a
deadlock is tried once more, as Galera's documentation asks of every client. What then still fails is a failure that an
application would have seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ops.ledger import sessions
from ops.ledger.client import Client, Shared, SqlClient
from ops.ledger.workload import Workload

#: First letter of the busy clients' names, and of the idle ones'.
BUSY_NAME, IDLE_NAME = "b", "i"
#: Busy clients in all (at least one for each address), and the pause of one after a write, in seconds.
BUSY, BUSY_PAUSE = 6, 0.1
#: Pause of the idle clients, one for each address, in seconds: long enough for a session to die unnoticed.
IDLE_PAUSE = 2.0
#: How long a session is used, in seconds. Each client has its own, from 0.8 to 1.2 times this: they must not all come
#: back at once.
LIFETIME, JITTER = 10.0, 0.2
#: Patience for a handshake and for an answer, in seconds.
PATIENCE = 10.0
#: A client's error number for a deadlock, which is also Galera's answer to a conflict at the commit.
DEADLOCK = 1213


class Pooled(Client):
    """A client whose sessions come from a pool. `pause`: after its work; `lifetime`: of a session; seconds."""

    impatient = False
    handshake = PATIENCE
    error_pause = 0.5

    def __init__(self, *args: Any, pause: float, lifetime: float) -> None:
        super().__init__(*args)
        self.pause = pause
        self.lifetime = lifetime
        #: What happened, by name: opened, recycled, replaced, retried, and failures by what was being done (connect,
        #: write, request).
        self.counts: Counter[str] = Counter()
        self._unused = False

    def open(self) -> bool:
        """See `Client.open`."""
        self._unused = super().open()
        self.counts["opened"] += self._unused
        return self._unused

    def failed(self, doing: str, error: BaseException) -> None:
        """See `Client.failed`."""
        super().failed(doing, error)
        self.counts[doing] += 1

    def aged(self) -> bool:
        """True when the session has served its time; it is counted, and no longer the client's."""
        if self.current is None or self.events.now() - self.current.opened <= self.lifetime:
            return False
        self.counts["recycled"] += 1
        self.record(self.current)
        self.current = None
        return True


class PooledWriter(Pooled, SqlClient):
    """Writes one numbered row after the other, each with a session that a pool would hand out."""

    def work(self) -> float:
        """One write, tried once more after a deadlock."""
        if not self._check_out():
            return self.error_pause
        error = self.insert()
        if error is not None and sessions.code_of(error) == DEADLOCK:
            self.counts["retried"] += 1
            error = self.insert()
        if error is None:
            return self.pause
        self.failed("write", error)
        if sessions.code_of(error) not in sessions.TRANSIENT:
            self.drop(error)
        return self.error_pause

    def _check_out(self) -> bool:
        """Makes sure of the session before it is used; False when there is none to be had."""
        fresh, self._unused = self._unused, False
        if fresh:
            return True
        if self.aged():
            session, self.session = self.session, None
            sessions.close(session)
            return self._again()
        try:
            self.session.ping()
        except sessions.Failure as error:
            self.drop(error)
            self.counts["replaced"] += 1
            return self._again()
        return True

    def _again(self) -> bool:
        opened = self.open()
        self._unused = False
        return opened


class PooledWorkload(Workload):
    """Busy clients, and one for each address that has something to do now and then."""

    client: type[Pooled] = PooledWriter

    def make(self, sources: Sequence[str | None], shared: Shared) -> Sequence[Pooled]:
        """See `Workload.make`."""
        busy = max(BUSY, len(sources))
        total = busy + len(sources)
        return [
            self.client(
                f"{BUSY_NAME}{index + 1}" if index < busy else f"{IDLE_NAME}{index - busy + 1}",
                sources[index % len(sources)],
                PATIENCE,
                shared,
                pause=BUSY_PAUSE if index < busy else IDLE_PAUSE,
                lifetime=LIFETIME * (1 - JITTER + 2 * JITTER * index / (total - 1)),
            )
            for index in range(total)
        ]

    def counts(self) -> Counter[str]:
        """What happened to all clients together."""
        return sum((client.counts for client in self.clients if isinstance(client, Pooled)), Counter())
