"""Memory of VMs: a server that holds what it is told to hold.

What bare metal has is looked up there before anything is touched.
"""

from __future__ import annotations

from collections.abc import Iterator

from settings.parts.server import BASE_MIB, CONNECTION_MIB, ServerSection
from settings.problem import Problem
from settings.rules.machines import vms
from settings.rules.registry import rule
from settings.stack import Stack


@rule("hosts", each=ServerSection)
def memory(stack: Stack, name: str, server: ServerSection) -> Iterator[Problem]:
    """Buffer pool, connections and system fit into the host's memory."""
    for member in dict.fromkeys(server.servers()):
        host = vms(stack).get(member)
        if host and server.memory_mib > host.memory_mib:
            yield Problem(
                f"hosts.{member}.memory_mib",
                f"{host.memory_mib} MiB are too few for a buffer pool of {server.innodb_buffer_pool_size_mib} MiB, "
                f"{server.max_connections} connections"
                f" of {CONNECTION_MIB} MiB each and {BASE_MIB} MiB for the system",
                "the kernel would kill MariaDB under load",
                f"write {server.memory_mib} or more, or lower {name}.innodb_buffer_pool_size_mib or "
                f"{name}.max_connections",
            )
