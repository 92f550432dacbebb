"""How far a replica lags, and whether it is fit for reads: pure, from what MariaDB says and the time.

MariaDB says no lag (`Seconds_Behind_Master` is NULL) while the replica has no connection. It has not fallen behind by
that alone: a change of writers interrupts it for seconds. What it had when it was last known to be current goes on
ageing instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from replica_sql import trouble_of


@dataclass(frozen=True)
class Lag:
    """`seconds` None: never known. `trouble`: what has stopped replication; empty while it runs or has no
    connection.
    """

    seconds: float | None
    connected: bool
    trouble: str


class Watch:
    """Remembers until when the replica's data was known to be complete, and whether it was fit. Times are
    time.monotonic() (s).
    """

    def __init__(self, max_lag: float) -> None:
        self.max_lag = max_lag
        self.complete_until: float | None = None
        self.fit = True

    def see(self, replica: Mapping[str, Any] | None, now: float) -> Lag:
        """`replica`: MariaDB's row; None where it is no replica."""
        if replica is None:
            return Lag(None, False, "it is not set up")
        behind = replica["Seconds_Behind_Master"]
        if behind is not None:
            self.complete_until = now - float(behind)
        seconds = None if self.complete_until is None else round(now - self.complete_until, 1)
        return Lag(seconds, replica["Slave_IO_Running"] == "Yes", trouble_of(dict(replica)))

    def unseen(self, last: Mapping[str, Any], now: float) -> Lag:
        """While MariaDB cannot be asked: what it had when it was last known to be current goes on ageing. `last`: the
        last look's facts.
        """
        seconds = None if self.complete_until is None else round(now - self.complete_until, 1)
        return Lag(seconds, bool(last.get("connected")), str(last.get("replication") or ""))

    def judge(self, lag: Lag) -> tuple[bool, str]:
        """Whether it is fit for reads, and why. One that has left comes back at half the limit."""
        self.fit, words = self._judged(lag)
        return self.fit, words

    def _judged(self, lag: Lag) -> tuple[bool, str]:
        if lag.trouble:
            return False, f"replication has stopped: {lag.trouble}"
        if lag.seconds is None:
            return False, "it has not been connected yet: how far it lags is not known"
        without = "" if lag.connected else ", without a connection"
        if lag.seconds > self.max_lag:
            return False, f"lags {lag.seconds:g} s{without} (max_lag_s {self.max_lag:g})"
        if not self.fit and lag.seconds > self.max_lag / 2:
            return False, f"lags {lag.seconds:g} s{without} and catches up: back at {self.max_lag / 2:g} s"
        return True, f"ok: lags {lag.seconds:g} s{without}"
