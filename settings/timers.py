"""Timers: how fast a fault is noticed. A profile sets all of them; single ones can be overridden."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import Field

from settings.base import Settings

ProfileName = Literal["seed", "lan", "wan"]


class Values(NamedTuple):
    """All timers, in seconds (`retry` is a count)."""

    advert_int: float
    delay_loop: float
    connect_timeout: float
    retry: int
    delay_before_retry: float
    keepalive_period: float
    suspect_timeout: float
    inactive_check_period: float
    inactive_timeout: float
    install_timeout: float
    join_retrans_period: float


#: seed: the values of the 2018 document with Galera's defaults. lan: measured in an emulated lab. wan: for links with jitter and for live migration.
PROFILES: dict[ProfileName, Values] = {
    "seed": Values(1.0, 6.0, 3.0, 3, 3.0, 1.0, 5.0, 0.5, 15.0, 7.5, 1.0),
    "lan": Values(0.3, 1.0, 1.0, 1, 0.5, 0.5, 2.0, 0.5, 6.0, 4.0, 0.3),
    "wan": Values(1.0, 5.0, 3.0, 2, 1.0, 1.0, 15.0, 1.0, 30.0, 15.0, 1.0),
}


class Timers(Settings):
    """A profile and its exceptions. Each None means: the profile's value. Seconds unless said otherwise."""

    profile: ProfileName = Field(
        default="lan", description="`seed` (the 2018 document, Galera's defaults), `lan` (one switch, quiet hosts), `wan` (jitter, live migration)."
    )
    advert_int: float | None = Field(
        default=None, ge=0.01, le=40.95, description="VRRP advertisement interval (keepalived.conf(5)); whole seconds under version 2."
    )
    delay_loop: float | None = Field(default=None, gt=0, description="Interval between health checks of a real server (keepalived.conf(5)).")
    connect_timeout: float | None = Field(default=None, gt=0, description="Patience of one health check.")
    retry: int | None = Field(default=None, ge=0, le=20, description="Failed checks to repeat before a real server is removed (count).")
    delay_before_retry: float | None = Field(default=None, gt=0, description="Pause before a failed check is repeated.")
    keepalive_period: float | None = Field(default=None, gt=0, description="`evs.keepalive_period`: at most a third of suspect_timeout.")
    suspect_timeout: float | None = Field(default=None, gt=0, description="`evs.suspect_timeout`: silence after which a Galera node is suspected dead.")
    inactive_check_period: float | None = Field(default=None, gt=0, description="`evs.inactive_check_period`: at most half of suspect_timeout.")
    inactive_timeout: float | None = Field(default=None, gt=0, description="`evs.inactive_timeout`: hard limit of silence.")
    install_timeout: float | None = Field(default=None, gt=0, description="`evs.install_timeout`: patience for a new view; at most inactive_timeout.")
    join_retrans_period: float | None = Field(default=None, gt=0, description="`evs.join_retrans_period`: how often join messages are repeated.")

    def values(self) -> Values:
        """The profile's values with this stack's exceptions applied."""
        changed = {name: value for name in Values._fields if (value := getattr(self, name)) is not None}
        return PROFILES[self.profile]._replace(**changed)
