"""Memory and disks of VMs: a node that holds what it is told to hold. What bare metal has is looked up there before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem
from settings.rules.machines import vms
from settings.rules.registry import rule
from settings.stack import Stack

#: MiB for the system and for MariaDB besides the buffer pool: an estimate on the safe side, not a measurement.
BASE_MIB = 384
#: MiB for each connection: thread stack, network buffers and small sorts; large sorts and temporary tables come on top.
CONNECTION_MIB = 1


@rule("hosts", "galera")
def memory(stack: Stack) -> Iterator[Problem]:
    """Buffer pool, connections and system fit into the host's memory."""
    galera = stack.galera
    for name in dict.fromkeys(galera.members if galera else ()):
        host = vms(stack).get(name)
        if not galera or not host:
            continue
        needed = BASE_MIB + galera.innodb_buffer_pool_size_mib + CONNECTION_MIB * galera.max_connections
        if needed > host.memory_mib:
            yield Problem(
                f"hosts.{name}.memory_mib",
                f"{host.memory_mib} MiB are too few for a buffer pool of {galera.innodb_buffer_pool_size_mib} MiB, {galera.max_connections} connections"
                f" of {CONNECTION_MIB} MiB each and {BASE_MIB} MiB for the system",
                "the kernel would kill MariaDB under load",
                f"write {needed} or more, or lower galera.innodb_buffer_pool_size_mib or galera.max_connections",
            )


@rule("hosts", "galera")
def disk(stack: Stack) -> Iterator[Problem]:
    """The write-set cache leaves the data volume to the data."""
    galera = stack.galera
    for name in dict.fromkeys(galera.members if galera else ()):
        host = vms(stack).get(name)
        if galera and host and galera.gcache_size_mib * 2 > host.data_disk_gib * 1024:
            yield Problem(
                f"hosts.{name}.data_disk_gib",
                f"galera.gcache_size_mib {galera.gcache_size_mib} takes more than half of the {host.data_disk_gib} GiB volume",
                "the disk would run full of write sets, and the node would stop",
                f"write {-(-galera.gcache_size_mib * 2 // 1024)} or more, or lower gcache_size_mib",
            )
