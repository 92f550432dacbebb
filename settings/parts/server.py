"""A MariaDB server (mariadb.com/kb: server system variables)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from settings.base import Plain, form
from settings.parts.clients import ClientSection
from settings.section import AGENT, SERVER, VOLUME, Once, Port

#: MiB for the system and for MariaDB besides the buffer pool: an estimate on the safe side, not a measurement.
BASE_MIB = 384
#: MiB for each connection: thread stack, network buffers and small sorts; large sorts and temporary tables come on top.
CONNECTION_MIB = 1
#: LimitNOFILE of Debian's mariadb.service. A server that may open fewer files than it needs lowers max_connections
#: without a word to anybody but its log (mysqld.cc, init_common_variables).
DEBIAN_FILES = 32768
#: What the kernel allows a process at the most (fs.nr_open, 1,048,576 unless changed), with a little left.
MOST_FILES = 1_000_000
#: table_open_cache and table_open_cache_instances as MariaDB has them; a table takes two files. Others it opens itself.
TABLE_OPEN_CACHE, INSTANCES, OTHER_FILES = 2000, 8, 100


#: Options that the stack sets where servers keep a binary log and follow another one, as `ServerSection.owned_options`.
REPLICATION_OPTIONS: Mapping[str, str] = {
    "server_id": "members",
    "report_host": "",
    "log_bin": "",
    "relay_log": "",
    "log_slave_updates": "",
    "gtid_domain_id": "gtid_domain_id",
    "gtid_strict_mode": "",
    "sync_binlog": "",
    "relay_log_recovery": "",
    "slave_net_timeout": "",
    "binlog_expire_logs_seconds": "binlog_expire_days",
    "expire_logs_days": "binlog_expire_days",
    "read_only": "",
}


class ServerSection(ClientSection):
    """Settings of a component whose hosts run a MariaDB server."""

    purposes: ClassVar[Mapping[str, bool]] = {"root-password": True}
    #: Options that the stack sets in the server's files, each with the key beside it that changes it (empty: none).
    owned_options: ClassVar[Mapping[str, str]] = {
        "datadir": "",
        "port": "port",
        "bind_address": "",
        "skip_name_resolve": "",
        "max_connections": "max_connections",
        "tcp_keepalive_time": "tcp_keepalive_time",
        "tcp_keepalive_interval": "tcp_keepalive_interval",
        "tcp_keepalive_probes": "tcp_keepalive_probes",
        "default_storage_engine": "",
        "binlog_format": "",
        "innodb_flush_log_at_trx_commit": "innodb_flush_log_at_trx_commit",
        "innodb_buffer_pool_size": "innodb_buffer_pool_size_mib",
        "innodb_log_file_size": "innodb_log_file_size_mib",
    }

    innodb_flush_log_at_trx_commit: Literal[0, 1, 2] = Field(
        default=1,
        description="1 survives the loss of all nodes at once; 0 and 2 lost committed transactions in Jepsen's tests. A"
        " master-master pair with semi-sync is given 3 for 1 (docs/decisions/0017).",
    )
    innodb_buffer_pool_size_mib: int | None = Field(
        default=None,
        ge=5,
        description="InnoDB's buffer pool (MiB). None: three quarters of what system and connections leave of the"
        " host's `memory_mib`, in steps of 64; half of that where the host carries another component too (a director,"
        " a balancer, another cluster's arbitrator); at least 128.",
    )
    innodb_log_file_size_mib: int | None = Field(
        default=None,
        ge=4,
        description="InnoDB's redo log (MiB), the same on all servers. None: a quarter of the smallest buffer pool, at"
        " most 1/16 of the smallest volume and 4096; at least 96.",
    )
    max_connections: int = Field(
        default=200,
        ge=10,
        le=100000,
        description="`max_connections` per node. LimitNOFILE of the unit follows where Debian's 32768 are too few.",
    )
    tcp_keepalive_time: int = Field(
        default=300,
        ge=1,
        le=32767,
        description="Seconds of silence in a session after which the server asks whether its client is still there. The"
        " answers keep the session known to directors on its way, too (`lvs_timeouts`).",
    )
    tcp_keepalive_interval: int = Field(
        default=30, ge=1, le=32767, description="Seconds between two such questions while none is answered."
    )
    tcp_keepalive_probes: int = Field(
        default=4, ge=1, le=127, description="Questions without an answer after which the session is closed."
    )
    drain_timeout: float = Field(
        default=30,
        ge=0,
        le=3600,
        description=(
            "Seconds that established sessions get to end when a node is taken out for a change; those that remain "
            "are then closed. 0: none."
        ),
    )
    server_options: dict[str, Plain] = Field(
        default={},
        json_schema_extra=form("an option's name and its value: true, false, a number or a text such as 64M"),
        description=(
            "Any other options of MariaDB. The server's own parser checks them before they replace anything, and a"
            " change rolls through the servers. What the stack sets itself is refused."
        ),
    )
    port: int = Field(default=3306, ge=1, le=65535, description="MariaDB's port.")
    agent_port: int = Field(default=9200, ge=1, le=65535, description="HTTP port of the health agent on every node.")

    def servers(self) -> tuple[str, ...]:
        """Hosts that run the server."""
        raise NotImplementedError

    def takes(self) -> dict[str, tuple[Once, ...]]:
        """The server with its data, and the agent that says how it is."""
        found = super().takes()
        return {**found, **{host: (VOLUME, SERVER, *found.get(host, ()), AGENT) for host in self.servers()}}

    @property
    def keepalive_s(self) -> int:
        """Seconds of silence after which a session has been kept alive, or has ended: its last question's time."""
        return self.tcp_keepalive_time + self.tcp_keepalive_interval * self.tcp_keepalive_probes

    @property
    def open_files(self) -> int:
        """How many files the server may have to open: a socket for each connection and the cache of open tables, or
        five for each connection, whatever is more.
        """
        cache = self.server_options.get("table_open_cache", self.server_options.get("table-open-cache"))
        tables = int(cache) if isinstance(cache, int) else TABLE_OPEN_CACHE
        needed = OTHER_FILES + self.max_connections + 2 * tables * INSTANCES
        return min(max(DEBIAN_FILES, needed, 5 * self.max_connections), MOST_FILES)

    def server_ports(self, name: str) -> tuple[Port, ...]:
        """Where the server and its health agent listen."""
        return (
            Port(number=self.port, what="MariaDB", key=f"{name}.port", usual=3306),
            Port(number=self.agent_port, what="the health agent", key=f"{name}.agent_port", usual=9200),
        )
