"""What a change of the component does to those who use it (docs/changes.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.component import Caution, Notice

NOTICES = {
    "replica": Notice(words="replicas are drained and restarted one after the other where it is needed", restarts=True)
}


def cautions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Caution]:
    """See `Component.cautions`."""
    if before.get("follows") != after.get("follows"):
        yield Caution(
            words=f"follows {before.get('follows')} -> {after.get('follows')}: a replica refuses a source whose "
            "history is not its own"
        )
