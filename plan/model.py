"""Plain data that says what a deployment is. Two plans differ exactly where two deployments would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class File:
    """One file on a host, owned by exactly one role.

    `content` is the whole text; `check` names the checker that must accept it before it replaces the old one
    (see `cloudinit/programs/apply`); `on_change` are systemd actions, each run once after a change. `step` names the kind
    of step that delivers the file on one host after the other (`galera`, `director`); None: with the host's other files.
    """

    path: str
    content: str = field(repr=False)
    mode: str = "0644"
    owner: str = "root"
    group: str = "root"
    secret: bool = False
    check: str | None = None
    on_change: tuple[str, ...] = ()
    step: str | None = None

    @property
    def owner_set(self) -> str:
        """The set with which the file is delivered: `plain`, `secret`, or its step's."""
        return "secret" if self.secret else self.step or "plain"

    def as_manifest(self) -> dict[str, Any]:
        """The entry that the delivery program reads."""
        return {
            "content": self.content,
            "mode": self.mode,
            "owner": self.owner,
            "group": self.group,
            "check": self.check,
            "on_change": list(self.on_change),
        }


@dataclass(frozen=True, kw_only=True)
class HostPlan:
    """One host: where it is, what it is for, and what lies on it."""

    name: str
    address: str
    mac: str
    interface: str
    roles: tuple[str, ...]
    packages: tuple[str, ...]
    files: tuple[File, ...]
    units: tuple[str, ...]
    has_data: bool

    def manifest(self, owner_set: str) -> dict[str, dict[str, Any]]:
        """Files of one set by path, as the delivery program reads them."""
        return {file.path: file.as_manifest() for file in sorted(self.files, key=lambda f: f.path) if file.owner_set == owner_set}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One ordered, repeatable command on a host. It runs again when its command or what it reads changes, or when the machine is another one.

    `stdin` may hold secrets: it never enters a command line. `delivers` names a set of the host's files that it reads instead.
    """

    name: str
    host: str
    command: str
    waits_for: tuple[str, ...] = ()
    stdin: str | None = field(default=None, repr=False)
    delivers: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole stack."""

    stack: str
    system: str
    hosts: Mapping[str, HostPlan]
    steps: tuple[Step, ...]
