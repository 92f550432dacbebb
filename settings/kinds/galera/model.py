"""The Galera cluster (mariadb.com/kb: Galera; galeracluster.com: wsrep and provider options)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import ClassVar, Literal

from pydantic import Field

from settings.base import Plain, form
from settings.parts.server import ServerSection
from settings.parts.vrrp import VrrpMember, VrrpSection
from settings.section import Backend, Port

#: Galera's own listeners (galeracluster.com, Firewall Settings).
OWN_PORTS = (
    Port(number=4567, what="Galera's group communication"),
    Port(number=4568, what="Galera's incremental state transfer (IST)"),
    Port(number=4444, what="Galera's state snapshot transfer (SST)"),
)


#: VRRP priorities of the first and the last node that may hold a VIP of the cluster's own.
PRIORITIES = (150, 50)


class Galera(ServerSection, VrrpSection):
    """Nodes, the arbitrator, routing, the VIP, state transfer and the server variables that matter for safety."""

    kind: ClassVar[str] = "galera"
    about: ClassVar[str] = "The Galera cluster."
    member: ClassVar[str] = "Galera node that may hold the VIP"
    can_be_forwarded_to: ClassVar[bool] = True
    purposes: ClassVar[Mapping[str, bool]] = {
        **ServerSection.purposes,
        **VrrpSection.purposes,
        "sst-password": False,
    }
    owned_options: ClassVar[Mapping[str, str]] = {
        **ServerSection.owned_options,
        "innodb_autoinc_lock_mode": "",
        "wsrep_on": "",
        "wsrep_provider": "",
        "wsrep_cluster_name": "cluster_name",
        "wsrep_cluster_address": "members",
        "wsrep_node_name": "",
        "wsrep_node_address": "",
        "wsrep_slave_threads": "wsrep_slave_threads",
        "wsrep_sst_method": "wsrep_sst_method",
        "wsrep_sst_donor": "reference_node",
        "wsrep_sst_auth": "",
        "wsrep_mode": "wsrep_mode",
        "wsrep_provider_options": "wsrep_provider_options",
    }

    cluster_name: str = Field(
        default="mariadb-ha",
        pattern=r"^[A-Za-z0-9_-]{1,32}$",
        json_schema_extra=form("1 to 32 letters, digits, _ and -"),
        description="`wsrep_cluster_name`.",
    )
    members: tuple[str, ...] = Field(  # type: ignore[assignment]
        min_length=1,
        description="Galera nodes by host name, in the order in which they join. With the arbitrator an odd number.",
    )
    arbitrator: str | None = Field(
        default=None,
        description="A host that runs `garbd`: it votes, holds no data and serves no clients. A director or any other"
        " host that is no member may carry it. It makes an even number of members an odd number of votes.",
    )
    vip: IPv4Address | None = Field(  # type: ignore[assignment]
        default=None,
        description="A VIP of the cluster's own on the nodes that serve clients, within `network.cidr`, of no host: its"
        " holder takes all clients. None: clients come through `directors`, or to the nodes' own addresses.",
    )
    preempt: bool = Field(
        default=False,
        description="Where the cluster has a VIP: the first of the members that serve takes it back when it returns,"
        " which moves all clients once more.",
    )
    reference_node: str | None = Field(
        default=None,
        description="A member that serves no clients: preferred SST donor, bootstraps first, breaks ties at recovery.",
    )
    discard_data_of: tuple[str, ...] = Field(
        default=(),
        description=(
            "Members whose data may be thrown away where they would otherwise refuse to start: they join as empty "
            "nodes. Save it first,"
            " and take the word away once they are Synced. Nothing is thrown away of a node that can start without it."
        ),
    )
    routing: Literal["single-writer", "all-nodes"] = Field(
        default="single-writer",
        description="`single-writer`: one node takes all clients, the next stands by."
        " `all-nodes`: every node takes writes (conflicts, lost updates and stale reads are possible).",
    )
    wsrep_sst_method: Literal["mariabackup", "rsync"] = Field(
        default="mariabackup", description="State transfer; rsync blocks its donor."
    )
    wsrep_mode: tuple[
        Literal["STRICT_REPLICATION", "REQUIRED_PRIMARY_KEY", "BINLOG_ROW_FORMAT_ONLY", "DISALLOW_LOCAL_GTID"], ...
    ] = Field(
        default=("STRICT_REPLICATION", "REQUIRED_PRIMARY_KEY"),
        description="`wsrep_mode`: what Galera does not replicate, or not safely, is refused (error 4165): tables of"
        " another engine than InnoDB, sequences, writes to tables without a primary key. `[]` for applications that"
        " need them: nothing is refused, `hactl status` warns, and each node has rows of its own.",
    )
    gcache_size_mib: int | None = Field(
        default=None,
        ge=16,
        description="`gcache.size`: what a node may miss and still catch up by IST (MiB). None: 1/32 of the host's"
        " `data_disk_gib`, at least 128, at most 8192.",
    )
    wsrep_provider_options: dict[str, Plain] = Field(
        default={},
        json_schema_extra=form("an option's name and its value: true, false, a number or a text such as PT5S"),
        description="Further options of Galera's provider, which join the stack's own in the one line that it reads."
        " What the stack sets itself is refused, and the provider itself judges them before they replace anything. A"
        " change rolls through the nodes.",
    )
    wsrep_slave_threads: int = Field(default=2, ge=1, le=64, description="Applier threads.")

    def servers(self) -> tuple[str, ...]:
        """The nodes."""
        return self.members

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The nodes and the arbitrator by key path."""
        yield from ((f"{name}.members[{index}]", host) for index, host in enumerate(self.members))
        if self.arbitrator is not None:
            yield f"{name}.arbitrator", self.arbitrator

    def voters(self) -> tuple[str, ...]:
        """All that count for the majority: the nodes, and the arbitrator."""
        return tuple(dict.fromkeys((*self.members, *((self.arbitrator,) if self.arbitrator else ()))))

    def in_order(self) -> tuple[str, ...]:
        """Nodes in the order in which they join; the reference node bootstraps, so it comes first."""
        first = [self.reference_node] if self.reference_node else []
        return tuple(first + [host for host in self.members if host != self.reference_node])

    def serving(self) -> tuple[str, ...]:
        """Nodes that serve clients."""
        return tuple(host for host in self.members if host != self.reference_node)

    def holders(self) -> Mapping[str, VrrpMember]:
        """The nodes that serve clients, the first with the highest priority; none without a VIP."""
        hosts = tuple(dict.fromkeys(self.serving())) if self.vip else ()
        high, low = PRIORITIES
        step = (high - low) // max(len(hosts) - 1, 2)
        return {host: VrrpMember(priority=max(high - index * step, 1)) for index, host in enumerate(hosts)}

    @property
    def holds_vip(self) -> bool:
        """Where it is given."""
        return self.vip is not None

    def vips(self, name: str) -> dict[str, IPv4Address]:
        """The VIP of its own, by key path."""
        return {f"{name}.vip": self.vip} if self.vip else {}

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """MariaDB, the agent and Galera's own; of the arbitrator the group communication."""
        found = {self.arbitrator: OWN_PORTS[:1]} if self.arbitrator else {}
        return {**found, **dict.fromkeys(self.members, (*OWN_PORTS, *self.server_ports(name)))}

    def backend(self, name: str) -> Backend:
        """The nodes but the reference node."""
        return Backend(
            component=name,
            server="Galera node",
            members=self.members,
            members_key=f"{name}.members",
            reserve=self.reference_node,
            reserve_key=f"{name}.reference_node",
            port=self.port,
            port_key=f"{name}.port",
            agent_port=self.agent_port,
            one_writer=self.routing == "single-writer",
            routing_key=f"{name}.routing",
            several="all-nodes",
            majority=True,
            votes_besides=(self.arbitrator,) if self.arbitrator else (),
        )
