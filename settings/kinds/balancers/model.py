"""Balancers: haproxy behind a VIP of its own (haproxy 2.6, configuration manual)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from settings.parts.vrrp import VrrpSection
from settings.section import Port

if TYPE_CHECKING:
    from settings.timers import Timers


class Balancers(VrrpSection):
    """Two (or more) haproxy hosts that share a VIP: writes to one port of it, reads to another."""

    kind: ClassVar[str] = "balancers"
    about: ClassVar[str] = "haproxy: writes on one port, reads on another."
    member: ClassVar[str] = "balancer"
    purposes: ClassVar[Mapping[str, bool]] = {**VrrpSection.purposes, "stats-password": True}

    writes_to: str | None = Field(
        default=None,
        description="The component whose VIP takes the writes. None: the only one that has one.",
    )
    reads_from: str | None = Field(
        default=None, description="The component whose servers take the reads. None: the only one that takes reads."
    )
    write_port: int = Field(default=3306, ge=1, le=65535, description="Port of the VIP for writes.")
    read_port: int = Field(default=3307, ge=1, le=65535, description="Port of the VIP for reads.")
    reads_when_all_lag: Literal["master", "refuse", "replicas"] = Field(
        default="master",
        description="Where reads go while no replica is fit for them: `master`: to the server that takes writes;"
        " `refuse`: nowhere, clients are turned away; `replicas`: to replicas that run, however far they lag."
        " Where none of these answers in time, reads are held by those that said yes last.",
    )
    balance: Literal["leastconn", "roundrobin", "random", "source"] = Field(
        default="leastconn", description="How sessions for reads are spread over the replicas (haproxy: balance)."
    )
    maxconn: int = Field(
        default=2000, ge=10, le=100000, description="Sessions that each of the two ports takes at once; more wait."
    )
    idle_timeout_s: int = Field(
        default=28800,
        ge=1,
        le=604800,
        description="Seconds after which a session in which nothing was said is closed (MariaDB's wait_timeout is"
        " 28800).",
    )
    stats_port: int = Field(
        default=8404,
        ge=1,
        le=65535,
        description="Port of haproxy's page of statistics and of /metrics (Prometheus), for `ssh.admin_cidrs`, with the"
        " user `stats` and a derived password.",
    )

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The balancers by key path."""
        yield from ((f"{name}.members.{host}", host) for host in self.members)

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """Writes, reads and statistics."""
        own = (
            Port(number=self.write_port, what="haproxy, for writes", key=f"{name}.write_port", usual=3306),
            Port(number=self.read_port, what="haproxy, for reads", key=f"{name}.read_port", usual=3307),
            Port(number=self.stats_port, what="haproxy's statistics", key=f"{name}.stats_port", usual=8404),
        )
        return dict.fromkeys(self.members, own)

    def source_named(self) -> str | None:
        """`writes_to`."""
        return self.writes_to

    def readers_named(self) -> str | None:
        """`reads_from`."""
        return self.reads_from

    @property
    def balances(self) -> bool:
        """Always."""
        return True

    def drain_notice(self, timers: Timers) -> float:
        """haproxy sees a draining server with its next check, of an agent that has looked within the second."""
        return ceil(timers.checks.delay_loop + 1)
