"""How far a replica lags, and whether it is fit for reads: pure, from what MariaDB says and the time.

MariaDB says no lag (`Seconds_Behind_Master` is NULL) while the replica has no connection. It has not fallen behind by
that alone: a change of writers interrupts it for seconds. What it had when it was last known to be current goes on
ageing instead.

It also says that there is no lag (0) as soon as a connection is made, before anything has come by it: a source that
has not let go of the replica's old connection sends nothing for a while after a power cut. So it is believed only while
the source is heard: it sends events, or a heartbeat every second (follow.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from replica_sql import trouble_of

#: Seconds without a sign of life after which a source counts as silent: three heartbeats.
SILENT = 3.0


@dataclass(frozen=True)
class Lag:
    """`seconds` None: never known. `connected`: its source is heard. `trouble`: what has stopped replication; empty
    while it runs or has no connection.
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
        self.signs: tuple[str, int, int] | None = None
        self.heard_at = float("-inf")
        self.fit = True

    def see(self, replica: Mapping[str, Any] | None, now: float) -> Lag:
        """`replica`: MariaDB's row; None where it is no replica."""
        if replica is None:
            return Lag(None, False, "it is not set up")
        behind = replica["Seconds_Behind_Master"]
        heard = self.heard(replica, now)
        if behind is not None and heard:
            self.complete_until = now - float(behind)
        seconds = None if self.complete_until is None else round(now - self.complete_until, 1)
        return Lag(seconds, heard and replica["Slave_IO_Running"] == "Yes", trouble_of(dict(replica)))

    def heard(self, replica: Mapping[str, Any], now: float) -> bool:
        """Whether something has come from the source just now. The first look only says what there was, and a count
        that is less than before that the replica itself began anew.
        """
        file, position, beats = self.signs or ("", 0, 0)
        new = (
            str(replica["Master_Log_File"]),
            int(replica["Read_Master_Log_Pos"]),
            int(replica["Slave_received_heartbeats"]),
        )
        if self.signs is not None and (new[2] > beats or (new[0] == file and new[1] > position)):
            self.heard_at = now
        self.signs = new
        return now - self.heard_at <= SILENT

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
            return False, "nothing has come from its source yet: how far it lags is not known"
        without = "" if lag.connected else ", and its source is silent"
        if lag.seconds > self.max_lag:
            return False, f"lags {lag.seconds:g} s{without} (max_lag_s {self.max_lag:g})"
        if not self.fit and lag.seconds > self.max_lag / 2:
            return False, f"lags {lag.seconds:g} s{without} and catches up: back at {self.max_lag / 2:g} s"
        return True, f"ok: lags {lag.seconds:g} s{without}"
