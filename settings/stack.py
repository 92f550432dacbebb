"""A stack: everything a user may say, in one model. Its components say which system it is."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Literal, TypeVar

from pydantic import Field, SecretStr

from settings.bare_metal import BareMetal
from settings.base import Settings
from settings.databases import Database
from settings.firewall import Firewall
from settings.hosts import HostSettings, Ssh
from settings.hypervisor import Hypervisor
from settings.network import Network
from settings.packages import Packages
from settings.section import Backend, Readers, Section, Source
from settings.timers import Timers

S = TypeVar("S", bound=Settings)


class Stack(Settings):
    """The configuration of one stack: the keys under `mariadb-ha:` in `Pulumi.<stack>.yaml`."""

    stack_secret: SecretStr | None = Field(
        default=None,
        description=(
            "The one secret from which all others are derived (at least 32 characters): `pulumi config set --secret "
            "mariadb-ha:stack_secret`."
        ),
    )
    stack_secret_file: str | None = Field(
        default=None,
        description="A file with the stack secret instead, relative to the project; `make up` creates the dev stack's.",
    )
    secret_generations: dict[str, int] = Field(
        default={}, description="Rotation: a purpose and its generation number, 1 unless set."
    )
    network: Network = Field(description="The link.")
    hypervisor: Hypervisor = Field(default=Hypervisor(), description="Where VMs are made.")
    bare_metal: BareMetal = Field(
        default=BareMetal(), description="How hosts that are there already are taken over and given back."
    )
    ssh: Ssh = Field(default=Ssh(), description="How hosts are reached.")
    firewall: Firewall = Field(default=Firewall(), description="Openings beside those of the components.")
    packages: Packages = Field(default=Packages(), description="Where hosts get their packages from.")
    timers: Timers = Field(default=Timers(), description="How fast faults are noticed.")
    drills: Literal["refused", "allowed"] = Field(
        default="refused",
        description=(
            "`allowed`: `hactl drill` may make faults here. It stops services, cuts power and links and writes a "
            "ledger of its own, and clients notice."
        ),
    )
    hosts: dict[str, HostSettings] = Field(min_length=1, description="Hosts by name.")
    components: dict[str, Section] = Field(
        default={},
        description=(
            "Components by name. In a stack file each kind's section is one, named after its kind; a program of "
            "one's own names them freely."
        ),
    )
    databases: dict[str, Database] = Field(default={}, description="Databases by name.")

    def each(self, model: type[S]) -> Iterator[tuple[str, S]]:
        """Components of a kind, or those whose settings contain a part, by name."""
        yield from ((name, section) for name, section in self.components.items() if isinstance(section, model))

    def only(self, model: type[S]) -> S | None:
        """The one component of a kind; None where there is none. Raises ValueError where there are several."""
        found = [section for _, section in self.each(model)]
        if len(found) > 1:
            raise ValueError(f"there are {len(found)} components with {model.__name__}")
        return found[0] if found else None

    def vips(self) -> dict[str, IPv4Address]:
        """Addresses that move between hosts, by key path."""
        return {
            key: address for name, section in self.components.items() for key, address in section.vips(name).items()
        }

    def backends(self) -> dict[str, Backend]:
        """What can be forwarded to, by component."""
        return {name: backend for name, section in self.components.items() if (backend := section.backend(name))}

    def backend_of(self, name: str) -> Backend | None:
        """What a component forwards to: what it names, else the only one there is."""
        found, chosen = self.backends(), self.components[name].forwards_to()
        if not self.components[name].forwards:
            return None
        return found.get(chosen) if chosen else next(iter(found.values())) if len(found) == 1 else None

    def sources(self) -> dict[str, Source]:
        """What can be followed, by component."""
        return {name: source for name, section in self.components.items() if (source := section.source(name))}

    def source_of(self, name: str) -> Source | None:
        """What a component follows or sends writes to: what it names, else the only one there is."""
        section, found = self.components[name], self.sources()
        if not (section.follows or section.balances):
            return None
        chosen = section.source_named()
        return found.get(chosen) if chosen else next(iter(found.values())) if len(found) == 1 else None

    def all_readers(self) -> dict[str, Readers]:
        """What takes reads, by component."""
        found = {}
        for name, section in self.components.items():
            source = self.source_of(name)
            if readers := section.readers(name, source.component if source else None):
                found[name] = readers
        return found

    def readers_of(self, name: str) -> Readers | None:
        """What a component sends reads to: what it names, else the only one there is."""
        section = self.components[name]
        if not section.balances:
            return None
        found, chosen = self.all_readers(), section.readers_named()
        return found.get(chosen) if chosen else next(iter(found.values())) if len(found) == 1 else None

    def followers(self, name: str) -> tuple[str, ...]:
        """Components whose servers follow this one's."""
        return tuple(
            each
            for each, section in self.components.items()
            if section.follows and (source := self.source_of(each)) and source.component == name
        )

    def behind(self, name: str) -> tuple[str, ...]:
        """Components that this one stands on: it forwards or sends clients to them, or follows them."""
        found = (self.backend_of(name), self.source_of(name), self.readers_of(name))
        return tuple(dict.fromkeys(each.component for each in found if each))

    def fronts(self, name: str) -> tuple[str, ...]:
        """Components that stand between clients and this one."""
        return tuple(
            each
            for each, section in self.components.items()
            if (section.forwards or section.balances) and name in self.behind(each)
        )
