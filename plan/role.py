"""What a role lays on a host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plan.model import File, Volume
from plan.needs import Needs


@dataclass(frozen=True, kw_only=True)
class Role:
    """Packages, files and units of one role, the volumes it keeps data on, and what it needs of a host.

    No file has two owners (`merge` refuses); what two roles lay in the very same words is a part that they share.
    """

    name: str
    packages: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    units: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    needs: Needs | None = None


def merge(host: str, roles: Iterable[Role]) -> Role:
    """All roles of a host as one.

    Raises:
        ValueError: two roles want different things of one file or one disk.
    """
    files: dict[str, File] = {}
    devices: dict[str, Volume] = {}
    packages: dict[str, None] = {}
    units: dict[str, None] = {}
    for role in roles:
        for file in role.files:
            if files.setdefault(file.path, file) != file:
                raise ValueError(
                    f"{host}: {file.path} has two owners, one of them {role.name}: the two roles cannot share a host"
                )
        for volume in role.volumes:
            if devices.setdefault(volume.device, volume) != volume:
                raise ValueError(
                    f"{host}: {volume.device} has two owners, one of them {role.name}: the two roles cannot share a "
                    "host"
                )
        packages |= dict.fromkeys(role.packages)
        units |= dict.fromkeys(role.units)
    return Role(
        name=host,
        packages=tuple(packages),
        files=tuple(files.values()),
        units=tuple(units),
        volumes=tuple(devices.values()),
    )
