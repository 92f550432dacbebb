"""The Galera cluster (mariadb.com/kb: Galera; galeracluster.com: wsrep and provider options)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings.base import Settings, form


class Galera(Settings):
    """Nodes, routing, state transfer and the server variables that matter for safety."""

    cluster_name: str = Field(
        default="mariadb-ha", pattern=r"^[A-Za-z0-9_-]{1,32}$", json_schema_extra=form("1 to 32 letters, digits, _ and -"), description="`wsrep_cluster_name`."
    )
    members: tuple[str, ...] = Field(min_length=1, description="Galera nodes by host name, in the order in which they join. An odd number.")
    reference_node: str | None = Field(
        default=None, description="A member that serves no clients: preferred SST donor, bootstraps first, breaks ties at recovery."
    )
    discard_data_of: tuple[str, ...] = Field(
        default=(),
        description="Members whose data may be thrown away where they would otherwise refuse to start: they join as empty nodes. Save it first,"
        " and take the word away once they are Synced. Nothing is thrown away of a node that can start without it.",
    )
    routing: Literal["single-writer", "all-nodes"] = Field(
        default="single-writer",
        description="`single-writer`: one node takes all clients, the next stands by."
        " `all-nodes`: every node takes writes (conflicts, lost updates and stale reads are possible).",
    )
    wsrep_sst_method: Literal["mariabackup", "rsync"] = Field(default="mariabackup", description="State transfer; rsync blocks its donor.")
    gcache_size_mib: int = Field(default=128, ge=16, description="`gcache.size`: what a node may miss and still catch up by IST (MiB).")
    wsrep_slave_threads: int = Field(default=2, ge=1, le=64, description="Applier threads.")
    innodb_flush_log_at_trx_commit: Literal[0, 1, 2] = Field(
        default=1, description="1 survives the loss of all nodes at once; 0 and 2 lost committed transactions in Jepsen's tests."
    )
    innodb_buffer_pool_size_mib: int = Field(default=128, ge=5, description="InnoDB's buffer pool (MiB).")
    max_connections: int = Field(default=200, ge=10, le=100000, description="`max_connections` per node.")
    drain_timeout: float = Field(
        default=30,
        ge=0,
        le=3600,
        description="Seconds that established sessions get to end when a node is taken out for a change; those that remain are then closed. 0: none.",
    )
    port: int = Field(default=3306, ge=1, le=65535, description="MariaDB's port.")
    agent_port: int = Field(default=9200, ge=1, le=65535, description="HTTP port of the health agent on every node.")
