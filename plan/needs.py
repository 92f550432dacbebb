"""What a role needs of a host that is there already; `preflight` looks whether it is so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from settings.section import Port


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Of one role.

    Attributes:
        what: what the host is to become, for a sentence: `Galera node`.
        memory_mib: memory that it takes, the system's own included; 0: no more than any host has.
        memory_for: what takes it, for a sentence.
        memory_keys: the settings that lower it.
        disk_mib: free space by folder before anything of the role is there.
        ports: what listens.
        modules: kernel modules, and what each is for.
        datadir: where a MariaDB server of its own keeps its data; None: it has none.
        begins_with_data: True where data that is there already is what it begins with, as the settings say.
        keepalived: True where keepalived is configured by this role.
    """

    what: str
    memory_mib: int = 0
    memory_for: str = ""
    memory_keys: tuple[str, ...] = ()
    disk_mib: Mapping[str, int] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    datadir: str | None = None
    begins_with_data: bool = False
    keepalived: bool = False
