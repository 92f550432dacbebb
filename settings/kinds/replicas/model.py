"""Replicas: any number of servers that follow the one that takes writes, by GTID, and take reads (mariadb.com/kb: GTID,
read_only).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from settings.base import Settings
from settings.parts.server import REPLICATION_OPTIONS, ServerSection
from settings.section import Port, Readers, in_order

#: `server_id` of the first replica, unless given: far from those of the servers that it follows.
FIRST_ID = 101


class Replica(Settings):
    """One replica. What is not given follows from the order."""

    server_id: int = Field(
        ge=1, le=4294967295, description="`server_id`. Not given: 101 for the first, 102 for the second, and so on."
    )


class Replicas(ServerSection):
    """Servers that follow the holder of another component's VIP, and are read-only."""

    kind: ClassVar[str] = "replicas"
    about: ClassVar[str] = "Replicas for reads."
    purposes: ClassVar[Mapping[str, bool]] = {**ServerSection.purposes, "clone-password": True}
    owned_options: ClassVar[Mapping[str, str]] = {
        **ServerSection.owned_options,
        **REPLICATION_OPTIONS,
        "gtid_domain_id": "",
        "rpl_semi_sync_slave_enabled": "",
    }

    members: dict[str, Replica] = Field(min_length=1, description="The replicas by host name.")
    source_component: str | None = Field(
        default=None, description="The component whose VIP they follow. None: the only one that can be followed."
    )
    max_lag_s: float = Field(
        default=10,
        gt=0,
        le=86400,
        description="Seconds by which a replica may lag: beyond, its health agent says 503, and balancers send it no"
        " reads until it lags by half of this or less.",
    )
    clone_port: int = Field(
        default=9203,
        ge=1,
        le=65535,
        description="Port on the servers that are followed, at which a new replica gets a copy of the data"
        " (mariadb-backup).",
    )
    binlog_expire_days: float = Field(
        default=7, gt=0, le=99, description="Days for which a replica's own binary logs are kept."
    )

    @model_validator(mode="before")
    @classmethod
    def follow_the_order(cls, given: Any) -> Any:
        """Server id of a member that does not say it."""
        return in_order(given, lambda index: {"server_id": FIRST_ID + index})

    def servers(self) -> tuple[str, ...]:
        """All replicas."""
        return tuple(self.members)

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The replicas by key path."""
        yield from ((f"{name}.members.{host}", host) for host in self.members)

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """MariaDB and the agent."""
        return dict.fromkeys(self.members, self.server_ports(name))

    def source_named(self) -> str | None:
        """`source_component`."""
        return self.source_component

    @property
    def follows(self) -> bool:
        """Always."""
        return True

    def readers(self, name: str, follows: str | None) -> Readers:
        """All replicas."""
        return Readers(
            component=name,
            members=self.servers(),
            members_key=f"{name}.members",
            port=self.port,
            agent_port=self.agent_port,
            max_connections=self.max_connections,
            follows=follows,
        )
