"""The master-master pair (mariadb.com/kb: GTID, semisynchronous replication, multi-master ring)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from settings.base import Settings, form
from settings.parts.promotion import FENCING_PURPOSES, Fencing
from settings.parts.server import REPLICATION_OPTIONS, ServerSection
from settings.parts.vrrp import VrrpMember, VrrpSection
from settings.section import Backend, Port, Source, in_order

#: VRRP priorities of the first and the second member, unless given.
PRIORITIES = (150, 100)


class Master(VrrpMember):
    """One of the two servers. What is not given follows from the order."""

    priority: int = Field(
        ge=1,
        le=254,
        description="VRRP priority, where the pair has a VIP. Not given: 150 for the first, 100 for the second.",
    )
    server_id: int = Field(
        ge=1, le=4294967295, description="`server_id`. Not given: 1 for the first, 2 for the second."
    )
    auto_increment_offset: int = Field(
        ge=1, le=65535, description="`auto_increment_offset`. Not given: 1 for the first, 2 for the second."
    )


class SemiSync(Settings):
    """Semi-synchronous replication (mariadb.com/kb: semisynchronous replication), on both sides, wait point
    AFTER_SYNC.
    """

    enabled: bool = Field(default=True, description="A write is acknowledged once the other server has it.")
    rpl_semi_sync_master_timeout: int = Field(
        default=3000,
        ge=100,
        le=3_600_000,
        description="Milliseconds for which a write waits for a silent peer before it is acknowledged without it.",
    )
    without_peer: Literal["continue", "block"] = Field(
        default="continue",
        description="`continue`: without a peer writes are acknowledged by one server alone, and status says"
        " so; `block`: they wait for it.",
    )


class MasterMaster(ServerSection, VrrpSection):
    """Two servers that replicate each other, with a VIP of their own or behind directors."""

    kind: ClassVar[str] = "master_master"
    about: ClassVar[str] = "The master-master pair."
    member: ClassVar[str] = "master"
    can_be_forwarded_to: ClassVar[bool] = True
    purposes: ClassVar[Mapping[str, bool]] = {
        **ServerSection.purposes,
        **VrrpSection.purposes,
        **FENCING_PURPOSES,
        "replication-password": True,
    }
    owned_options: ClassVar[Mapping[str, str]] = {
        **ServerSection.owned_options,
        **REPLICATION_OPTIONS,
        "auto_increment_increment": "auto_increment_increment",
        "auto_increment_offset": "members",
        "rpl_semi_sync_master_enabled": "semi_sync",
        "rpl_semi_sync_slave_enabled": "semi_sync",
        "init_rpl_role": "",
        "rpl_semi_sync_master_wait_point": "",
        "rpl_semi_sync_master_timeout": "semi_sync",
        "rpl_semi_sync_master_wait_no_slave": "semi_sync",
        "slave_skip_errors": "slave_skip_errors",
    }
    only_with_vip: ClassVar[tuple[str, ...]] = (*VrrpSection.only_with_vip, "fencing", "promoter_port", "witnesses")

    members: dict[str, Master] = Field(  # type: ignore[assignment]
        min_length=2, max_length=2, description="The two servers by host name; the first is the preferred writer."
    )
    vip: IPv4Address | None = Field(  # type: ignore[assignment]
        default=None,
        description="A VIP of the pair's own, within `network.cidr`, of no host. None: the pair stands behind"
        " `directors`.",
    )
    preempt: bool = Field(
        default=False,
        description="Where the pair has a VIP: the server of higher priority takes it back when it returns,"
        " which is one more change of writers.",
    )
    routing: Literal["single-writer", "all-masters"] = Field(
        default="single-writer",
        description="Behind directors: `single-writer`: one server takes all clients, the other stands by;"
        " `all-masters`: both take writes (conflicts stop"
        " replication, and a person has to mend it).",
    )
    semi_sync: SemiSync = Field(default=SemiSync(), description="Whether a write waits for the other server.")
    fencing: Fencing | None = Field(
        default=None,
        description="How a host that does not answer is powered off before the other takes writes. None: it is not.",
    )
    promoter_port: int = Field(
        default=9201,
        ge=1,
        le=65535,
        description="Port on which the two promoters speak with each other, where the pair has a VIP.",
    )
    witnesses: tuple[IPv4Address, ...] | None = Field(
        default=None,
        description="Addresses that answer pings and are no host's of the pair: where the other host and all of these"
        " fall silent, a host knows that its own cable is cut, and takes no writes. None: `network.gateway`. Empty: no"
        " witness.",
    )
    clone_port: int = Field(
        default=4444,
        ge=1,
        le=65535,
        description="Port on which a server gives its data to the other one, when that is made a copy of it.",
    )
    data_from: str | None = Field(
        default=None,
        description="The member that has data already, which the pair begins with: its data directory is taken as it"
        " is, and the other one, which must have none, is made a copy of it. None: neither has any.",
    )
    auto_increment_increment: int = Field(
        default=2, ge=2, le=65535, description="`auto_increment_increment` of both servers."
    )
    gtid_domain_id: int = Field(
        default=0,
        ge=0,
        le=4294967295,
        description="`gtid_domain_id` of both servers: one, so that diverging stops replication.",
    )
    binlog_expire_days: float = Field(
        default=7,
        gt=0,
        le=99,
        description="Days for which binary logs are kept: what a server may miss and still catch up.",
    )
    slave_skip_errors: str | None = Field(
        default=None,
        json_schema_extra=form("nothing: the key is refused"),
        description="Refused: skipping replication errors makes two different databases of one without a word.",
    )

    @model_validator(mode="before")
    @classmethod
    def follow_the_order(cls, given: Any) -> Any:
        """Priority, server id and offset of a member that does not say them."""
        return in_order(
            given,
            lambda index: {
                "priority": PRIORITIES[min(index, 1)],
                "server_id": index + 1,
                "auto_increment_offset": index + 1,
            },
        )

    def servers(self) -> tuple[str, ...]:
        """Both."""
        return tuple(self.members)

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The servers by key path."""
        yield from ((f"{name}.members.{host}", host) for host in self.members)

    @property
    def holds_vip(self) -> bool:
        """Where it is given."""
        return self.vip is not None

    def vips(self, name: str) -> dict[str, IPv4Address]:
        """The VIP of its own, by key path."""
        return {f"{name}.vip": self.vip} if self.vip else {}

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """MariaDB, the agent and the promoter."""
        promoter = Port(number=self.promoter_port, what="the promoter", key=f"{name}.promoter_port", usual=9201)
        clone = Port(number=self.clone_port, what="copies of the data", key=f"{name}.clone_port", usual=4444)
        return dict.fromkeys(self.members, (*self.server_ports(name), clone, *((promoter,) if self.vip else ())))

    def backend(self, name: str) -> Backend | None:
        """Both servers, where the pair has no VIP of its own."""
        if self.vip:
            return None
        return Backend(
            component=name,
            server="master",
            members=self.servers(),
            members_key=f"{name}.members",
            reserve=None,
            reserve_key="",
            port=self.port,
            port_key=f"{name}.port",
            agent_port=self.agent_port,
            one_writer=self.routing == "single-writer",
            routing_key=f"{name}.routing",
            several="all-masters",
            majority=False,
        )

    def source(self, name: str) -> Source:
        """Both servers."""
        return Source(
            component=name,
            members=self.servers(),
            members_key=f"{name}.members",
            vip=self.vip,
            vip_key=f"{name}.vip",
            port=self.port,
            agent_port=self.agent_port,
            max_connections=self.max_connections,
            server_ids={host: member.server_id for host, member in self.members.items()},
            gtid_domain_id=self.gtid_domain_id,
        )
