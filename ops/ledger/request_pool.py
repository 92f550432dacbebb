"""The workload of `hactl ledger` where there is no SQL: clients that keep their connections, as browsers and the pools
of HTTP libraries do.

A kept connection that turns out dead is replaced once, silently, and its request sent again: a GET may be repeated (RFC
9110, 9.2.2). One older than its time is closed between two requests. What then still fails, an error of the server
included, is a failure that a visitor would have seen.
"""

from __future__ import annotations

from typing import Any

from ops.ledger import pages
from ops.ledger.asking import Asking
from ops.ledger.pool import Pooled, PooledWorkload
from ops.ledger.writes import Result


class PooledRequester(Pooled, Asking):
    """One numbered request after the other, each on a connection that a pool would hand out."""

    def __init__(self, *args: Any, pause: float, lifetime: float) -> None:
        super().__init__(*args, pause=pause, lifetime=lifetime)
        self._unused = True

    def open(self) -> bool:
        """See `Client.open`."""
        self._unused = super().open()
        return self._unused

    def work(self) -> float:
        """One request, sent once more where its kept connection was dead."""
        if self.aged():
            self.discard()
            self.session = None
            if not self.open():
                return self.error_pause
        number, start = next(self.shared.numbers), self.events.now()
        kept, self._unused = not self._unused, False
        error = self._ask(number, start, told=not kept)
        if error is None:
            return self.pause
        self.drop(error)
        if kept:
            self.counts["replaced"] += 1
            if not self.open():
                self.attempted(number, start, Result.UNKNOWN, str(error))
                return self.error_pause
            self._unused = False
            error = self._ask(number, start, told=True)
            if error is None:
                return self.pause
            self.drop(error)
        return self.error_pause

    def _ask(self, number: int, start: float, *, told: bool) -> BaseException | None:
        """One GET. Gives the error of a connection; with `told` it is a failure of the request, too."""
        try:
            answer = pages.ask(self.session, f"/?n={number}")
        except pages.Failure as error:
            if told:
                self.attempted(number, start, Result.UNKNOWN, str(error))
                self.failed("request", error)
            return error
        self.server = answer.server
        good = answer.status < 400
        words = "" if good else f"status {answer.status}"
        self.attempted(number, start, Result.ACKED if good else Result.REFUSED, words, server=answer.server)
        if not good:
            self.failed("request", OSError(words))
        return None


class RequestPool(PooledWorkload):
    """Busy clients, and one for each address that asks now and then."""

    client = PooledRequester
