"""Timers: how fast a fault is noticed.

A profile sets all of them; single ones can be overridden. Each group belongs to its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field

from settings.kinds.drbd.timers import (
    CONNECTION,
    SERVING,
    ConnectionTimers,
    ConnectionValues,
    ServingTimers,
    ServingValues,
)
from settings.kinds.galera.timers import EVS, EvsTimers, EvsValues
from settings.parts.checks import CHECKS, CheckTimers, CheckValues
from settings.parts.promotion import PROMOTION, PromotionTimers, PromotionValues
from settings.parts.vrrp_timers import VRRP, VrrpTimers, VrrpValues
from settings.timer_group import TimerGroup

ProfileName = Literal["classic", "lan", "wan"]
PROFILES: tuple[ProfileName, ...] = get_args(ProfileName)
#: All groups. A kind with timers of its own adds its group here, and its model below.
GROUPS: tuple[TimerGroup, ...] = (VRRP, CHECKS, EVS, PROMOTION, CONNECTION, SERVING)


@dataclass(frozen=True, kw_only=True)
class Values:
    """All timers, owner by owner."""

    vrrp: VrrpValues
    checks: CheckValues
    evs: EvsValues
    promotion: PromotionValues
    drbd: ConnectionValues
    serving: ServingValues


class Timers(VrrpTimers, CheckTimers, EvsTimers, PromotionTimers, ConnectionTimers, ServingTimers):
    """A profile and its exceptions. Each None means: the profile's value. Seconds unless said otherwise."""

    profile: ProfileName = Field(
        default="lan",
        description=(
            "`classic` (the 2018 document, Galera's defaults), `lan` (one switch, quiet hosts), `wan` (jitter, live "
            "migration)."
        ),
    )

    @property
    def vrrp(self) -> VrrpValues:
        """VRRP's."""
        return VrrpValues(**self._of(VRRP))

    @property
    def checks(self) -> CheckValues:
        """Those of the health checks of real servers."""
        return CheckValues(**self._of(CHECKS))

    @property
    def evs(self) -> EvsValues:
        """Those of Galera's group communication."""
        return EvsValues(**self._of(EVS))

    @property
    def promotion(self) -> PromotionValues:
        """Those of the promoter."""
        return PromotionValues(**self._of(PROMOTION))

    @property
    def drbd(self) -> ConnectionValues:
        """Those of DRBD's connection."""
        return ConnectionValues(**self._of(CONNECTION))

    @property
    def serving(self) -> ServingValues:
        """What is allowed for the end and the start of what is on a replicated device."""
        return ServingValues(**self._of(SERVING))

    def values(self) -> Values:
        """All timers, owner by owner."""
        return Values(
            vrrp=self.vrrp,
            checks=self.checks,
            evs=self.evs,
            promotion=self.promotion,
            drbd=self.drbd,
            serving=self.serving,
        )

    def all_values(self) -> dict[str, float]:
        """Every timer by name."""
        return {name: value for group in GROUPS for name, value in self._of(group).items()}

    def _of(self, group: TimerGroup) -> dict[str, Any]:
        return group.values(self.profile, self)


def values_by_profile() -> dict[str, Values]:
    """What each profile says."""
    return {str(profile): Timers(profile=profile).values() for profile in PROFILES}
