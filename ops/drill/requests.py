"""The workload of a drill of a system without SQL: requesters, each with a new connection for a request, that show when
the service answers, and holders that keep one open and show whether connections survive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ops.drill.clients import HOLD_PATIENCE, HOLD_PAUSE, PATIENCE_STEP, WRITE_PATIENCE, WRITE_PAUSE, WRITERS
from ops.ledger import pages
from ops.ledger.asking import Asking
from ops.ledger.client import Client, Shared
from ops.ledger.workload import Workload
from ops.ledger.writes import Result


class Requester(Asking):
    """One numbered request after the other, each with a connection of its own."""

    def open(self) -> bool:
        """See `Client.open`: there is nothing to keep."""
        self.session = self
        return True

    def discard(self) -> None:
        """See `Client.discard`."""

    def work(self) -> float:
        """One request."""
        number, start = next(self.shared.numbers), self.events.now()
        try:
            connection, _ = self.connect()
            try:
                answer = pages.ask(connection, f"/?n={number}")
            finally:
                connection.close()
        except pages.Failure as error:
            refused = isinstance(error, ConnectionRefusedError)
            self.attempted(number, start, Result.REFUSED if refused else Result.UNKNOWN, str(error))
            self.failed("request", error)
            return self.error_pause
        self.server = answer.server
        if answer.status >= 400:
            words = f"status {answer.status}"
            self.attempted(number, start, Result.REFUSED, words, server=answer.server)
            self.failed("request", OSError(words))
            return self.error_pause
        self.attempted(number, start, Result.ACKED, "", server=answer.server)
        return WRITE_PAUSE


class Keeper(Asking):
    """Keeps a connection and uses it now and then, as a browser does."""

    impatient = False
    writes = False

    def work(self) -> float:
        """One request on the open connection."""
        try:
            self.server = pages.ask(self.session, "/").server
        except pages.Failure as error:
            self.failed("hold", error)
            self.drop(error)
            return self.error_pause
        return HOLD_PAUSE


class RequestWorkload(Workload):
    """Requesters, and one keeper for each address."""

    def make(self, sources: Sequence[str | None], shared: Shared) -> Sequence[Client]:
        """See `Workload.make`."""
        requesters = [
            Requester(f"r{index + 1}", sources[index % len(sources)], WRITE_PATIENCE + PATIENCE_STEP * index, shared)
            for index in range(max(WRITERS, len(sources)))
        ]
        keepers = [Keeper(f"k{index + 1}", source, HOLD_PATIENCE, shared) for index, source in enumerate(sources)]
        return [*requesters, *keepers]

    def serving(self) -> Counter[str]:
        """See `Workload.serving`: who answered each client last."""
        return Counter(client.server for client in self.clients if isinstance(client, Asking) and client.server)
