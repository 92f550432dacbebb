"""The workload of a drill: writers, impatient, that show when the service takes writes, and holders, patient, that show
whether sessions survive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ops.ledger import sessions
from ops.ledger.client import Client, Shared, SqlClient
from ops.ledger.workload import Workload

#: Writers in all, spread over the client addresses (at least one for each).
WRITERS = 6
#: Pause of a writer after a write, in seconds.
WRITE_PAUSE = 0.1
#: A writer's patience for one answer. Each has a little more than the one before: clients that lost the service
#: together would otherwise try again together, and a gap would be measured in steps of their patience.
WRITE_PATIENCE, PATIENCE_STEP = 0.75, 0.1
#: Clients that only read. After an error they pause as writers do: a longer pause would be measured as a gap.
READERS = 4
#: A reader's patience for the TCP handshake: its gap is that of one client, and what it sends into the moment in which
#: nobody has the VIP is lost, so that this patience is measured with it (0.3 s of a gap of 0.5 s, as it was before).
READ_HANDSHAKE = 0.1
#: What a reader adds of its own to the longest gap that it sees: its pause, a handshake, the pause after an error.
READ_STEP = WRITE_PAUSE + READ_HANDSHAKE + Client.error_pause
#: Holders ask once a second and wait long, as a connection pool does.
HOLD_PAUSE, HOLD_PATIENCE = 1.0, 10.0


class Writer(SqlClient):
    """Writes one numbered row after the other."""

    def work(self) -> float:
        """One write."""
        error = self.insert()
        if error is None:
            return WRITE_PAUSE
        self.failed("write", error)
        if sessions.code_of(error) not in sessions.TRANSIENT:
            self.drop(error)
        return self.error_pause


class Holder(SqlClient):
    """Keeps a session and uses it now and then."""

    impatient = False
    writes = False

    def work(self) -> float:
        """One small read."""
        try:
            with self.session.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchall()
        except sessions.Failure as error:
            self.failed("hold", error)
            self.drop(error)
            return self.error_pause
        return HOLD_PAUSE


class Reader(SqlClient):
    """Reads the newest row, one time after the other, where reads have an endpoint of their own. What fails before its
    first read is told to nobody: the ledger has yet to come to the servers that it reads.
    """

    writes = False
    handshake = READ_HANDSHAKE

    def __init__(self, name: str, source: str | None, patience: float, shared: Shared) -> None:
        super().__init__(name, source, patience, shared)
        self.served = False

    def work(self) -> float:
        """One read."""
        try:
            with self.session.cursor() as cursor:
                cursor.execute("SELECT MAX(id) FROM ledger")
                cursor.fetchall()
        except sessions.Failure as error:
            self.failed("read", error)
            self.drop(error)
            return self.error_pause
        self.served = True
        self.events.reads.append((self.events.now(), self.name))
        return WRITE_PAUSE

    def failed(self, doing: str, error: BaseException) -> None:
        """See `Client.failed`."""
        if self.served:
            super().failed(f"read, {doing}" if doing != "read" else doing, error)


class DrillWorkload(Workload):
    """Writers, and one holder for each address; readers where reads have an endpoint of their own."""

    def make(self, sources: Sequence[str | None], shared: Shared) -> Sequence[Client]:
        """See `Workload.make`."""
        writers = [
            Writer(f"w{index + 1}", sources[index % len(sources)], WRITE_PATIENCE + PATIENCE_STEP * index, shared)
            for index in range(max(WRITERS, len(sources)))
        ]
        reading = replace(shared, target=self.reads) if self.reads else None
        return [
            *writers,
            *(Holder(f"h{index + 1}", source, HOLD_PATIENCE, shared) for index, source in enumerate(sources)),
            *(
                Reader(f"r{index + 1}", sources[index % len(sources)], WRITE_PATIENCE + PATIENCE_STEP * index, reading)
                for index in range(READERS if reading else 0)
                if reading
            ),
        ]
