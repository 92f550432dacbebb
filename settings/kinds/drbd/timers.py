"""Timers of DRBD's connection (drbd.conf-8.4(5), net options), and what is allowed for MariaDB's end and start."""

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


class ServingValues(NamedTuple):
    """Seconds."""

    drbd_start: float
    drbd_stop: float


class ServingTimers(Settings):
    """Exceptions from the profile. Nothing waits for these: they count in what is promised."""

    drbd_start: float | None = Field(
        default=None,
        gt=0,
        le=3600,
        description="Allowed from Secondary to a MariaDB that answers: `drbdadm primary`, the file system's check, the"
        " mount, MariaDB's start and the recovery of a redo log of 96 MiB; a larger one is allowed more by itself."
        " Nothing waits for it: it is part of `promised_write_gap_s`.",
    )
    drbd_stop: float | None = Field(
        default=None,
        gt=0,
        le=3600,
        description="Allowed for an orderly handover's first half: MariaDB's end (after 10 s it is killed), unmount,"
        " Secondary. As drbd_start it only counts in what is promised.",
    )


SERVING = TimerGroup(
    profiles={
        "classic": ServingValues(10.0, 5.0)._asdict(),
        "lan": ServingValues(5.0, 2.0)._asdict(),
        "wan": ServingValues(20.0, 10.0)._asdict(),
    },
    floors={},
)
