"""What a change of the component does to those who use it (docs/changes.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.component import Caution, Notice

NOTICES = {
    "master": Notice(words="servers are taken out and restarted one after the other where it is needed", restarts=True),
    "vip": Notice(words="keepalived is reloaded"),
}


def cautions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Caution]:
    """See `Component.cautions`."""
    if before.get("routing") == "all-masters" and after.get("routing") == "single-writer":
        yield Caution(
            words="routing all-masters -> single-writer: first send all clients to one server (`lb_algo: fo`, "
            "`accept_one_server: true`, no persistence, `up`), or they write on both while the servers come to share a "
            "GTID domain, and replication stops"
        )
