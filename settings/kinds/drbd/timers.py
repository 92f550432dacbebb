"""Timers of DRBD's connection (drbd.conf-8.4(5), net options)."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from settings.base import Settings
from settings.timer_group import Order, TimerGroup


class ConnectionValues(NamedTuple):
    """Seconds."""

    drbd_ping_int: float
    drbd_ping_timeout: float
    drbd_timeout: float
    drbd_connect_int: float


class ConnectionTimers(Settings):
    """Exceptions from the profile."""

    drbd_ping_int: float | None = Field(
        default=None, ge=1, le=120, description="`ping-int`, whole seconds: silence after which DRBD asks its peer."
    )
    drbd_ping_timeout: float | None = Field(
        default=None, gt=0, le=30, description="`ping-timeout`, in steps of 0.1 s: patience for the answer."
    )
    drbd_timeout: float | None = Field(
        default=None,
        gt=0,
        le=60,
        description="`timeout`, in steps of 0.1 s: patience for an answer to data; less than ping-int and connect-int.",
    )
    drbd_connect_int: float | None = Field(
        default=None, ge=1, le=120, description="`connect-int`, whole seconds between two attempts to connect."
    )


CONNECTION = TimerGroup(
    profiles={
        "classic": ConnectionValues(10.0, 0.5, 6.0, 10.0)._asdict(),
        "lan": ConnectionValues(2.0, 2.0, 1.8, 2.0)._asdict(),
        "wan": ConnectionValues(10.0, 2.0, 6.0, 10.0)._asdict(),
    },
    floors={"drbd_ping_int": 1.0, "drbd_ping_timeout": 0.1, "drbd_timeout": 0.1, "drbd_connect_int": 1.0},
    order=(
        Order(
            shorter="drbd_timeout",
            longer="drbd_ping_int",
            times=1,
            follows="DRBD refuses it: a peer would be given up before it was asked",
        ),
        Order(
            shorter="drbd_timeout",
            longer="drbd_connect_int",
            times=1,
            follows="DRBD refuses it: a connection would be made anew before the old one is given up",
        ),
    ),
)
