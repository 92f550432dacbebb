"""What a change of the component does to those who use it (docs/changes.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.component import Caution, Notice

NOTICES = {
    "drbd": Notice(words="the service moves to the other host where MariaDB has to be restarted", restarts=True),
    "vip": Notice(words="keepalived is reloaded"),
}


def cautions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Caution]:
    """See `Component.cautions`."""
    if before.get("disks") != after.get("disks"):
        hosts = [host for host in before.get("disks", {}) if before["disks"][host] != after.get("disks", {}).get(host)]
        if hosts:
            yield Caution(words=f"the disk of {' and '.join(hosts)} is another one: what is on the old one stays there")
