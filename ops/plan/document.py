"""The document of a plan (`plan.document`) as hactl reads it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ops.inventory import Endpoint, Model


class PlannedFile(Model):
    """One file. `text`: a digest of its content, or the fingerprint of a secret one; `set`: with what it is
    delivered."""

    mode: str
    owner: str
    check: str | None
    on_change: tuple[str, ...]
    set: str
    secret: bool
    text: str


class PlannedHost(Model):
    """One host. `identity`: by setting what makes it another machine; `place`: what makes its disks other ones, too;
    `once`: what a machine keeps that it was made with; `protected`: it is not made anew as long as it is so."""

    address: str
    roles: tuple[str, ...]
    provisioner: str
    data: bool
    volumes: tuple[str, ...]
    identity: dict[str, str]
    place: dict[str, str]
    once: dict[str, Any]
    protected: bool
    keeps_data: bool
    files: dict[str, PlannedFile]


class PlannedComponent(Model):
    """One component. `votes`: hosts of which more than half must be there; `copies`: those that hold its data."""

    kind: str
    hosts: tuple[str, ...]
    endpoints: dict[str, Endpoint]
    details: dict[str, Any]
    votes: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


class PlannedStep(Model):
    """One step. `reads`: the fingerprint of what it reads, where that is not a set of files (`delivers`)."""

    id: str
    component: str
    host: str
    command: str
    waits_for: tuple[str, ...]
    delivers: str | None
    reads: str | None

    @property
    def program(self) -> str:
        """The program's name and options, without its folder."""
        return self.command.rsplit("/", 1)[-1]


class Document(Model):
    """A whole stack. `refused`: why there is no plan; then nothing else is known."""

    version: int
    stack: str
    refused: tuple[str, ...] = ()
    system: str = ""
    hosts: dict[str, PlannedHost] = Field(default={})
    lost: tuple[str, ...] = ()
    components: dict[str, PlannedComponent] = Field(default={})
    steps: tuple[PlannedStep, ...] = ()
    promises: dict[str, float] = Field(default={})
    read_promises: dict[str, float] = Field(default={})
    options: dict[str, Any] = Field(default={})
    texts: dict[str, str] = Field(default={})
    settings: str = ""
    sealed: dict[str, str] = Field(default={})
    stood_in: tuple[str, ...] = ()
