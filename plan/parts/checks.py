"""Health checks: how long they take to see that a server is gone."""

from __future__ import annotations

from settings.parts.checks import CheckValues


def ejection(timers: CheckValues, *, refused: bool) -> float:
    """Seconds until whoever checks a server sends nothing more to a dead one: at once refused, or silent."""
    pauses = timers.retry * timers.delay_before_retry
    patience = 0.0 if refused else (timers.retry + 1) * timers.connect_timeout
    return timers.delay_loop + patience + pauses
