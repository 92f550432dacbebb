"""The Galera cluster (mariadb.com/kb: Galera; galeracluster.com: wsrep and provider options)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from settings.base import form
from settings.parts.server import ServerSection
from settings.section import Backend, Port

#: Galera's own listeners (galeracluster.com, Firewall Settings).
OWN_PORTS = (
    Port(number=4567, what="Galera's group communication"),
    Port(number=4568, what="Galera's incremental state transfer (IST)"),
    Port(number=4444, what="Galera's state snapshot transfer (SST)"),
)


class Galera(ServerSection):
    """Nodes, routing, state transfer and the server variables that matter for safety."""

    kind: ClassVar[str] = "galera"
    about: ClassVar[str] = "The Galera cluster."
    can_be_forwarded_to: ClassVar[bool] = True
    purposes: ClassVar[Mapping[str, bool]] = {**ServerSection.purposes, "sst-password": False}

    cluster_name: str = Field(
        default="mariadb-ha",
        pattern=r"^[A-Za-z0-9_-]{1,32}$",
        json_schema_extra=form("1 to 32 letters, digits, _ and -"),
        description="`wsrep_cluster_name`.",
    )
    members: tuple[str, ...] = Field(
        min_length=1, description="Galera nodes by host name, in the order in which they join. An odd number."
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
    gcache_size_mib: int = Field(
        default=128, ge=16, description="`gcache.size`: what a node may miss and still catch up by IST (MiB)."
    )
    wsrep_slave_threads: int = Field(default=2, ge=1, le=64, description="Applier threads.")

    def servers(self) -> tuple[str, ...]:
        """The nodes."""
        return self.members

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The nodes by key path."""
        yield from ((f"{name}.members[{index}]", host) for index, host in enumerate(self.members))

    def in_order(self) -> tuple[str, ...]:
        """Nodes in the order in which they join; the reference node bootstraps, so it comes first."""
        first = [self.reference_node] if self.reference_node else []
        return tuple(first + [host for host in self.members if host != self.reference_node])

    def serving(self) -> tuple[str, ...]:
        """Nodes that serve clients."""
        return tuple(host for host in self.members if host != self.reference_node)

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """MariaDB, the agent and Galera's own."""
        return dict.fromkeys(self.members, (*OWN_PORTS, *self.server_ports(name)))

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
        )
