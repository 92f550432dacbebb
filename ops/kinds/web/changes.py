"""What a change of the component does to those who use it (docs/changes.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.component import Caution, Notice
from ops.roles.vrrp import deaf_meanwhile

NOTICES = {"web": Notice(words="nginx and keepalived are reloaded")}


def cautions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Caution]:
    """See `Component.cautions`."""
    yield from deaf_meanwhile(before, after)
