"""What every role's plan is made from."""

from __future__ import annotations

from dataclasses import dataclass

from plan.secrets import Secrets
from settings.mac import derived_mac
from settings.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Context:
    """Settings, secrets and the answers that several roles ask for."""

    stack: str
    settings: Stack
    secrets: Secrets

    def address(self, host: str) -> str:
        """A host's address."""
        return str(self.settings.hosts[host].address)

    def mac(self, host: str) -> str:
        """A host's MAC address: its own setting, else derived."""
        return self.settings.hosts[host].mac or derived_mac(self.stack, host)

    def addresses(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """Addresses in the order of the hosts."""
        return tuple(self.address(host) for host in hosts)

    @property
    def directors(self) -> tuple[str, ...]:
        """Directors, the highest priority first."""
        section = self.settings.directors
        if section is None:
            return ()
        return tuple(sorted(section.members, key=lambda name: -section.members[name].priority))

    @property
    def galera_nodes(self) -> tuple[str, ...]:
        """Galera nodes in the order in which they join; the reference node bootstraps, so it comes first."""
        section = self.settings.galera
        if section is None:
            return ()
        first = [section.reference_node] if section.reference_node else []
        return tuple(first + [name for name in section.members if name != section.reference_node])

    @property
    def real_servers(self) -> tuple[str, ...]:
        """Nodes that LVS forwards to, the preferred writer first."""
        directors, galera = self.settings.directors, self.settings.galera
        if directors is None or galera is None:
            return ()
        if directors.real_servers is not None:
            return directors.real_servers
        return tuple(name for name in galera.members if name != galera.reference_node)

    @property
    def vips(self) -> tuple[str, ...]:
        """The writer's VIP and, where there is one, the reader's."""
        section = self.settings.directors
        if section is None:
            return ()
        return (str(section.vip), *([str(section.reader.vip)] if section.reader else []))

    def roles(self, host: str) -> tuple[str, ...]:
        """What a host is for, as the outputs name it."""
        galera = self.settings.galera
        return tuple(
            role
            for role, holds in (
                ("director", host in self.directors),
                ("galera", host in self.galera_nodes),
                ("reference", galera is not None and host == galera.reference_node),
                ("realserver", host in self.real_servers),
            )
            if holds
        )
