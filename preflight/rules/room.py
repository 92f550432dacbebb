"""Room: free disk space and memory."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.sight import Sight
from settings.problem import Problem, listed

#: MiB that must be free on / before anything of the stack is there: packages, their archives, logs.
ROOT_NEED = 2048
#: The same once this stack was delivered: room to write files.
ROOT_NEED_AGAIN = 256
#: MiB for logs.
LOG_NEED = 256
#: MiB beside gcache for a new database.
DATA_BASE = 1024
#: MiB beside InnoDB's buffer pool for the server, its connections and the system.
MEMORY_BASE = 256


def needs(sight: Sight) -> dict[str, int]:
    """MiB that must be free, by folder. Where data lies already it has taken its room."""
    if sight.ours:
        return {"/": ROOT_NEED_AGAIN}
    wanted = {"/": ROOT_NEED, "/var/log": LOG_NEED}
    galera = sight.context.settings.galera
    if galera and sight.galera and not (sight.facts.retained and sight.facts.data_folders):
        wanted["/var/lib/mysql"] = 2 * galera.gcache_size_mib + DATA_BASE
    return wanted


def disk(sight: Sight) -> Iterator[Problem]:
    """Every file system has the room that its folders need; one problem per file system."""
    wanted = needs(sight)
    short: dict[str, list[tuple[str, int]]] = {}
    free: dict[str, int] = {}
    for entry in sight.facts.disks:
        free[entry.mount] = entry.free_mib
        if entry.free_mib < wanted.get(entry.folder, 0):
            short.setdefault(entry.mount, []).append((entry.folder, wanted[entry.folder]))
    for mount, folders in short.items():
        names = listed([folder for folder, _ in folders])
        yield sight.problem(
            f"{free[mount]} MiB are free on the file system {mount}; {names} need{'s' if len(folders) == 1 else ''} {max(need for _, need in folders)} MiB",
            "packages, logs or the database would fill it, and a full disk stops MariaDB",
            f"make room there (`du -xm {mount} | sort -n | tail`; `apt-get clean`), or put {folders[-1][0]} on a larger file system",
        )


def memory(sight: Sight) -> Iterator[Problem]:
    """A Galera node holds its buffer pool and the rest of the server."""
    galera, has = sight.context.settings.galera, sight.facts.memory_mib
    if not galera or not sight.galera or has is None:
        return
    pool = galera.innodb_buffer_pool_size_mib
    if has < pool + MEMORY_BASE:
        yield sight.problem(
            f"it has {has} MiB of memory; InnoDB's buffer pool of {pool} MiB needs {pool + MEMORY_BASE} MiB in all",
            "the kernel would kill MariaDB when memory runs out",
            "give the host more memory, or lower galera.innodb_buffer_pool_size_mib",
        )


RULES = (disk, memory)
