"""What is wrong with a host's memory."""

from __future__ import annotations

from ops.hosts.facts import HostFacts
from ops.status.finding import Finding

#: Less available than this share of all, and than so many MiB, is worth a word.
SCARCE, SCARCE_MIB = 0.05, 1024
#: All processes at once waited for memory for this share of the last minute: it swaps, or reads its programs again.
WAITING = 0.1

_TODO = (
    "ps -eo rss,comm --sort=-rss | head there: what is not MariaDB's goes elsewhere; else a smaller"
    " innodb_buffer_pool_size_mib, fewer max_connections, or more memory"
)


def memory_findings(facts: HostFacts) -> list[Finding]:
    """Memory that is nearly used up, or that processes wait for. A host that says nothing of it is of an earlier
    version."""
    memory = facts.memory
    if memory is None:
        return []
    words = f"{memory.available_mib} of {memory.total_mib} MiB of memory are available"
    if memory.waiting is not None and memory.waiting >= WAITING:
        swapped = f", {memory.swapped_mib} MiB are swapped out" if memory.swapped_mib else ""
        what = f"its processes waited for memory {memory.waiting:.0%} of the last minute ({words}{swapped})"
        follows = "everything on it is slow, and health checks may take it for dead"
    elif memory.available_mib < min(SCARCE * memory.total_mib, SCARCE_MIB):
        what = f"only {words}"
        follows = "when it is used up the kernel swaps, or kills the largest process: MariaDB"
    else:
        return []
    return [Finding(host=facts.host, what=what, follows=follows, todo=_TODO, severity="warning")]
