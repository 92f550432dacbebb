"""What a change of the component does to those who use it (docs/changes.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.component import Caution, Notice

NOTICES = {
    "galera": Notice(words="nodes are drained and restarted one after the other where it is needed", restarts=True),
    "arbitrator": Notice(words="the arbitrator is started anew where it is needed, while all nodes are there"),
    "vip": Notice(words="keepalived is reloaded"),
}


#: What a cluster has in common: a roll refuses to change it on half of the nodes.
COMMON = ("cluster_name", "port", "agent_port")


def cautions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Caution]:
    """See `Component.cautions`."""
    for key in COMMON:
        if before.get(key) != after.get(key):
            yield Caution(
                words=f"{key} {before.get(key)} -> {after.get(key)}: the roll refuses before anything is touched: half "
                "of a cluster cannot have another one",
                refused=True,
            )
