"""VRRP's timer (RFC 5798; keepalived.conf(5), vrrp_instance)."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from settings.base import Settings
from settings.timer_group import TimerGroup


class VrrpValues(NamedTuple):
    """Seconds."""

    advert_int: float


class VrrpTimers(Settings):
    """Exceptions from the profile."""

    advert_int: float | None = Field(
        default=None,
        ge=0.01,
        le=40.95,
        description="VRRP advertisement interval (keepalived.conf(5)); whole seconds under version 2.",
    )


VRRP = TimerGroup(
    profiles={
        "classic": VrrpValues(1.0)._asdict(),
        "lan": VrrpValues(0.3)._asdict(),
        "wan": VrrpValues(1.0)._asdict(),
    },
    floors={},
)
