"""What a change of the component does to those who use it (docs/changes.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.component import Caution, Notice
from ops.roles.vrrp import deaf_meanwhile

NOTICES = {"director": Notice(words="keepalived is reloaded")}


def cautions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Caution]:
    """See `Component.cautions`."""
    if before.get("lb_kind") != after.get("lb_kind"):
        yield Caution(
            words=f"lb_kind {before.get('lb_kind')} -> {after.get('lb_kind')}: real servers are set up for the new "
            "method at once, then one director after the other; no connection comes about in between: choose a quiet "
            "hour"
        )
    yield from deaf_meanwhile(before, after)
