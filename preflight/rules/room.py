"""Room: free disk space and memory."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.candidate import Candidate
from settings.problem import Problem, listed

#: MiB that must be free on / before anything of the stack is there: packages, their archives, logs.
ROOT_NEED = 2048
#: The same once this stack was delivered: room to write files.
ROOT_NEED_AGAIN = 256
#: MiB for logs.
LOG_NEED = 256


def needs(candidate: Candidate) -> dict[str, int]:
    """MiB that must be free, by folder. Where data lies already it has taken its room."""
    if candidate.ours:
        return {"/": ROOT_NEED_AGAIN}
    wanted = {"/": ROOT_NEED, "/var/log": LOG_NEED}
    taken = bool(candidate.facts.retained and candidate.facts.data_folders)
    for needs in candidate.needs:
        for folder, mib in needs.disk_mib.items():
            if not (taken and folder == needs.datadir):
                wanted[folder] = wanted.get(folder, 0) + mib
    return wanted


def disk(candidate: Candidate) -> Iterator[Problem]:
    """Every file system has the room that its folders need; one problem per file system."""
    wanted = needs(candidate)
    short: dict[str, list[tuple[str, int]]] = {}
    free: dict[str, int] = {}
    for entry in candidate.facts.disks:
        free[entry.mount] = entry.free_mib
        if entry.free_mib < wanted.get(entry.folder, 0):
            short.setdefault(entry.mount, []).append((entry.folder, wanted[entry.folder]))
    for mount, folders in short.items():
        names = listed([folder for folder, _ in folders])
        yield candidate.problem(
            f"{free[mount]} MiB are free on the file system {mount}; {names} need{'s' if len(folders) == 1 else ''} "
            f"{max(need for _, need in folders)} MiB",
            "packages, logs or the database would fill it, and a full disk stops MariaDB",
            f"make room there (`du -xm {mount} | sort -n | tail`; `apt-get clean`), or put {folders[-1][0]} on a "
            "larger file system",
        )


def memory(candidate: Candidate) -> Iterator[Problem]:
    """The host holds what its roles need; the same sum that settings hold a VM to."""
    has = candidate.facts.memory_mib
    asking = [needs for needs in candidate.needs if needs.memory_mib]
    needed = sum(needs.memory_mib for needs in asking)
    if has is not None and has < needed:
        yield candidate.problem(
            f"it has {has} MiB of memory; {' and '.join(needs.memory_for for needs in asking)} need {needed} MiB in "
            "all",
            "the kernel would kill MariaDB when memory runs out",
            f"give the host more memory, or lower {' or '.join(key for needs in asking for key in needs.memory_keys)}",
        )


RULES = (disk, memory)
