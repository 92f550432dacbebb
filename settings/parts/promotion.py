"""Promotion: who of two hosts serves, and how a silent one is fenced."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from settings.base import Settings, form
from settings.timer_group import Order, TimerGroup


class Fencing(Settings):
    """How a host is powered off (STONITH) before the other takes its place."""

    command: str = Field(
        pattern=r"^/[^\n\"]+$",
        json_schema_extra=form("an absolute path, with arguments if need be, without quotes or line breaks"),
        description="A program on both hosts, called as `COMMAND off HOST`. It must end with 0 only once that"
        " host is without power.",
    )


class PromotionValues(NamedTuple):
    """Seconds."""

    peer_timeout: float
    hang_timeout: float


class PromotionTimers(Settings):
    """Exceptions from the profile."""

    peer_timeout: float | None = Field(
        default=None, gt=0, description="Silence of the other promoter after which its host counts as not there."
    )
    hang_timeout: float | None = Field(
        default=None, gt=0, description="Silence of a server that runs after which it counts as hung."
    )


PROMOTION = TimerGroup(
    profiles={
        "classic": PromotionValues(5.0, 15.0)._asdict(),
        "lan": PromotionValues(1.0, 3.0)._asdict(),
        "wan": PromotionValues(5.0, 10.0)._asdict(),
    },
    floors={"peer_timeout": 0.7, "hang_timeout": 2.0},
    order=(
        Order(
            shorter="peer_timeout",
            longer="hang_timeout",
            times=1,
            follows="a server that only hangs would be taken for dead by its peer before its own promoter has"
            " stopped it",
        ),
    ),
)
