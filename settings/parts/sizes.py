"""Sizes that nobody gave: MariaDB's memory from that of its host, its logs from the volume.

All of it follows from the settings, so every file is known at preview. A host of which the settings say nothing (bare
metal without `memory_mib`, `data_disk_gib`) has the least of each, which any host can carry.
"""

from __future__ import annotations

from settings.parts.server import BASE_MIB, CONNECTION_MIB, ServerSection
from settings.stack import Stack

#: MiB that a server has at least: MariaDB's own defaults (mariadb.com/kb: innodb_buffer_pool_size, _log_file_size).
LEAST_POOL, LEAST_REDO, LEAST_GCACHE = 128, 96, 128
#: MiB beyond which more redo log means a longer recovery, and more write sets are left to a state transfer.
MOST_REDO, MOST_GCACHE = 4096, 8192
#: A pool is a whole number of these (MiB).
CHUNK = 64
#: Of a host's memory beside system and connections the pool has 3/4: the rest is temporary tables and InnoDB's own.
SHARE = (3, 4)
#: Parts of the volume: the redo log has at most one of so many, the write-set cache one of so many.
REDO_PARTS, GCACHE_PARTS = 16, 32


def host_memory_mib(stack: Stack, host: str) -> int | None:
    """MiB of memory of a host; None where the settings do not say (bare metal)."""
    found = stack.hosts.get(host)
    return found.memory_mib if found and found.says("memory_mib") else None


def volume_mib(stack: Stack, host: str) -> int | None:
    """MiB of the volume that a host's data is on; None where the settings do not say (bare metal)."""
    found = stack.hosts.get(host)
    return found.data_disk_gib * 1024 if found and found.says("data_disk_gib") else None


def shared(stack: Stack, name: str, host: str) -> bool:
    """True where a host carries something for another component too."""
    return any(
        host in (named for _, named in section.named_hosts(other))
        for other, section in stack.components.items()
        if other != name
    )


def buffer_pool_mib(stack: Stack, name: str, server: ServerSection, host: str) -> int:
    """`innodb_buffer_pool_size` on a host (MiB): as given, else from its memory; half where the host is shared."""
    if server.innodb_buffer_pool_size_mib is not None:
        return server.innodb_buffer_pool_size_mib
    memory = host_memory_mib(stack, host)
    if memory is None:
        return LEAST_POOL
    part, whole = SHARE
    room = (memory - BASE_MIB - CONNECTION_MIB * server.max_connections) * part // whole
    if shared(stack, name, host):
        room //= 2
    return max(room // CHUNK * CHUNK, LEAST_POOL)


def redo_log_mib(stack: Stack, name: str, server: ServerSection) -> int:
    """`innodb_log_file_size` (MiB): as given, else a quarter of the smallest pool, and no more than the smallest volume
    can spare. It is the same on all servers: those of a DRBD pair start on each other's log.
    """
    if server.innodb_log_file_size_mib is not None:
        return server.innodb_log_file_size_mib
    hosts = server.servers()
    pool = min((buffer_pool_mib(stack, name, server, host) for host in hosts), default=LEAST_POOL)
    volumes = [volume_mib(stack, host) for host in hosts]
    room = min((LEAST_REDO if volume is None else volume // REDO_PARTS for volume in volumes), default=LEAST_REDO)
    return max(min(pool // 4, room, MOST_REDO), LEAST_REDO)


def gcache_mib(stack: Stack, given: int | None, host: str) -> int:
    """`gcache.size` on a host (MiB): as given, else a part of its volume."""
    if given is not None:
        return given
    volume = volume_mib(stack, host)
    return LEAST_GCACHE if volume is None else min(max(volume // GCACHE_PARTS, LEAST_GCACHE), MOST_GCACHE)


def server_memory_mib(stack: Stack, name: str, server: ServerSection, host: str) -> int:
    """MiB that a host needs for the server, its connections and the system."""
    return BASE_MIB + buffer_pool_mib(stack, name, server, host) + CONNECTION_MIB * server.max_connections
