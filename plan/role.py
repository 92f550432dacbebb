"""What a role lays on a host."""

from __future__ import annotations

from dataclasses import dataclass

from plan.model import File


@dataclass(frozen=True, kw_only=True)
class Role:
    """Packages, files and units of one role. No file has two owners (`merge` refuses)."""

    name: str
    packages: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    units: tuple[str, ...] = ()


def merge(host: str, roles: tuple[Role, ...]) -> Role:
    """All roles of a host as one.

    Raises:
        ValueError: two roles own the same file, which is a mistake of this program, not of its user.
    """
    files: dict[str, File] = {}
    for role in roles:
        for file in role.files:
            if file.path in files:
                raise ValueError(f"{host}: {file.path} has two owners, one of them {role.name}")
            files[file.path] = file
    return Role(
        name=host,
        packages=tuple(dict.fromkeys(package for role in roles for package in role.packages)),
        files=tuple(files.values()),
        units=tuple(dict.fromkeys(unit for role in roles for unit in role.units)),
    )
