"""Room for a server on its host: memory and volume, as far as the settings know them.

What bare metal has besides is looked up there before anything is touched.
"""

from __future__ import annotations

from collections.abc import Iterator

from settings.parts.server import BASE_MIB, CONNECTION_MIB, ServerSection
from settings.parts.sizes import buffer_pool_mib, host_memory_mib, redo_log_mib, server_memory_mib, volume_mib
from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack


@rule("hosts", "components", each=ServerSection)
def memory(stack: Stack, name: str, server: ServerSection) -> Iterator[Problem]:
    """Buffer pool, connections and system fit into the host's memory."""
    for member in dict.fromkeys(server.servers()):
        has, needs = host_memory_mib(stack, member), server_memory_mib(stack, name, server, member)
        if has is not None and needs > has:
            yield Problem(
                f"hosts.{member}.memory_mib",
                f"{has} MiB are too few for a buffer pool of {buffer_pool_mib(stack, name, server, member)} MiB, "
                f"{server.max_connections} connections"
                f" of {CONNECTION_MIB} MiB each and {BASE_MIB} MiB for the system",
                "the kernel would kill MariaDB under load",
                f"write {needs} or more, or lower {name}.innodb_buffer_pool_size_mib or {name}.max_connections",
            )


@rule("hosts", "components", each=ServerSection)
def redo_log(stack: Stack, name: str, server: ServerSection) -> Iterator[Problem]:
    """The redo log leaves the data volume to the data."""
    size = redo_log_mib(stack, name, server)
    for member in dict.fromkeys(server.servers()):
        volume = volume_mib(stack, member)
        if volume is not None and size * 4 > volume:
            yield Problem(
                f"hosts.{member}.data_disk_gib",
                f"{name}.innodb_log_file_size_mib {size} takes more than a quarter of the {volume // 1024} GiB volume",
                "the disk would run full, and the server would stop",
                f"write {-(-size * 4 // 1024)} or more, or lower {name}.innodb_log_file_size_mib",
            )
