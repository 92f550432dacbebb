"""Timers of health checks of real servers (keepalived.conf(5), real_server)."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from settings.base import Settings
from settings.timer_group import Order, TimerGroup


class CheckValues(NamedTuple):
    """Seconds; `retry` is a count."""

    delay_loop: float
    connect_timeout: float
    retry: int
    delay_before_retry: float
    late_hold: float


class CheckTimers(Settings):
    """Exceptions from the profile."""

    delay_loop: float | None = Field(
        default=None, gt=0, description="Interval between health checks of a real server (keepalived.conf(5))."
    )
    connect_timeout: float | None = Field(default=None, gt=0, description="Patience of one health check.")
    retry: int | None = Field(
        default=None, ge=0, le=20, description="Failed checks to repeat before a real server is removed (count)."
    )
    delay_before_retry: float | None = Field(default=None, gt=0, description="Pause before a failed check is repeated.")
    late_hold: float | None = Field(
        default=None,
        ge=0,
        description="For how long a server keeps its place while its MariaDB lives but answers late (after 0.8 s): slow"
        " is not dead. Clients of one that hangs for good wait so much longer. Behind directors the last server that"
        " takes clients keeps it for as long as that lasts.",
    )


CHECKS = TimerGroup(
    profiles={
        "classic": CheckValues(6.0, 3.0, 3, 3.0, 10.0)._asdict(),
        "lan": CheckValues(1.0, 1.0, 1, 0.5, 2.0)._asdict(),
        "wan": CheckValues(5.0, 3.0, 2, 1.0, 5.0)._asdict(),
    },
    floors={"delay_loop": 0.1, "connect_timeout": 0.1, "delay_before_retry": 0.1},
    order=(
        Order(
            shorter="connect_timeout",
            longer="delay_loop",
            times=1,
            follows="one check of a silent server would outlast the interval between checks, so faults are seen later "
            "than delay_loop says",
        ),
    ),
)
