"""A resource as a preview registers it, however it was learnt of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VOLUME = "libvirt:index/volume:Volume"
DOMAIN = "libvirt:index/domain:Domain"
COMMAND = "command:remote:Command"
HOST = "mariadb-ha:index:Host"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """`inputs` by Pulumi's names, secrets in clear; never print them."""

    type: str
    name: str
    inputs: Mapping[str, Any] = field(repr=False)
    protect: bool = False
    provider: str = ""

    @property
    def holds_data(self) -> bool:
        """A data volume, made from nothing; or a VM with a disk beside its root disk."""
        if self.type == VOLUME:
            return not (
                self.inputs.get("baseVolumeId") or self.inputs.get("source") or self.inputs.get("baseVolumeName")
            )
        return self.type == DOMAIN and len(self.inputs.get("disks") or ()) > 1

    def files(self) -> dict[str, list[str]]:
        """Lines by path of a host's files, as its input shows them (`components.host.shown`)."""
        found: dict[str, list[str]] = {}
        if self.type == HOST:
            for line in str(self.inputs.get("files") or "").splitlines():
                path, _, text = line.partition(":")
                found.setdefault(path, []).append(text.removeprefix(" "))
        return found
