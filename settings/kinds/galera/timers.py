"""Timers of Galera's group communication (galeracluster.com, Galera parameters: the `evs` group)."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from settings.base import Settings
from settings.timer_group import Order, TimerGroup


class EvsValues(NamedTuple):
    """Seconds."""

    keepalive_period: float
    suspect_timeout: float
    inactive_check_period: float
    inactive_timeout: float
    install_timeout: float
    join_retrans_period: float


class EvsTimers(Settings):
    """Exceptions from the profile."""

    keepalive_period: float | None = Field(
        default=None, gt=0, description="`evs.keepalive_period`: at most a third of suspect_timeout."
    )
    suspect_timeout: float | None = Field(
        default=None, gt=0, description="`evs.suspect_timeout`: silence after which a Galera node is suspected dead."
    )
    inactive_check_period: float | None = Field(
        default=None, gt=0, description="`evs.inactive_check_period`: at most half of suspect_timeout."
    )
    inactive_timeout: float | None = Field(
        default=None, gt=0, description="`evs.inactive_timeout`: hard limit of silence."
    )
    install_timeout: float | None = Field(
        default=None, gt=0, description="`evs.install_timeout`: patience for a new view; at most inactive_timeout."
    )
    join_retrans_period: float | None = Field(
        default=None, gt=0, description="`evs.join_retrans_period`: how often join messages are repeated."
    )


EVS = TimerGroup(
    profiles={
        "classic": EvsValues(1.0, 5.0, 0.5, 15.0, 7.5, 1.0)._asdict(),
        "lan": EvsValues(0.5, 2.0, 0.5, 6.0, 4.0, 0.3)._asdict(),
        "wan": EvsValues(1.0, 15.0, 1.0, 30.0, 15.0, 1.0)._asdict(),
    },
    floors={
        "keepalive_period": 0.1,
        "suspect_timeout": 0.5,
        "inactive_check_period": 0.1,
        "inactive_timeout": 0.5,
        "install_timeout": 0.5,
        "join_retrans_period": 0.1,
    },
    order=(
        Order(
            shorter="keepalive_period",
            longer="suspect_timeout",
            times=3,
            follows="a healthy node would be suspected after one lost message; Galera refuses it",
        ),
        Order(
            shorter="inactive_check_period",
            longer="suspect_timeout",
            times=2,
            follows="Galera would look too rarely to see a node fall silent, and refuses it",
        ),
        Order(
            shorter="suspect_timeout",
            longer="inactive_timeout",
            times=1,
            follows="nodes would be cut off before they are even suspected; Galera refuses it",
        ),
        Order(
            shorter="install_timeout",
            longer="inactive_timeout",
            times=1,
            follows="a change of members could outlast every node's patience; Galera refuses it",
        ),
        Order(
            shorter="join_retrans_period",
            longer="install_timeout",
            times=1,
            follows="a lost join message would not be repeated before the change of members fails",
        ),
    ),
)
