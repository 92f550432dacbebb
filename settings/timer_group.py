"""A group of timers: what its owner says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, kw_only=True)
class Order:
    """`shorter` must fit `times` times into `longer`; `follows` says what happens otherwise."""

    shorter: str
    longer: str
    times: int
    follows: str


@dataclass(frozen=True, kw_only=True)
class TimerGroup:
    """Timers of one owner, in seconds unless their description says otherwise.

    `profiles`: values by profile and name. `floors`: below these nothing but false alarms comes of it.
    """

    profiles: Mapping[str, Mapping[str, float]]
    floors: Mapping[str, float]
    order: tuple[Order, ...] = ()

    def values(self, profile: str, exceptions: BaseModel) -> dict[str, float]:
        """The profile's values with a stack's exceptions applied."""
        return {
            name: value if (given := getattr(exceptions, name)) is None else given
            for name, value in self.profiles[profile].items()
        }
