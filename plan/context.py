"""What every role's plan is made from."""

from __future__ import annotations

from dataclasses import dataclass

from plan.secrets import Secrets
from settings.mac import derived_mac
from settings.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Context:
    """Settings, secrets and the answers that several roles ask for.

    A host that is declared lost is in no answer but `lost`, `address` and `addresses`: nothing is planned for it or with it.
    """

    stack: str
    settings: Stack
    secrets: Secrets

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that live, in the order of the settings."""
        return tuple(name for name, host in self.settings.hosts.items() if not host.lost)

    @property
    def lost(self) -> tuple[str, ...]:
        """Hosts that are declared lost, in the order of the settings."""
        return tuple(name for name, host in self.settings.hosts.items() if host.lost)

    @property
    def vms(self) -> tuple[str, ...]:
        """Hosts that the stack makes at the hypervisor."""
        return tuple(name for name in self.hosts if self.settings.hosts[name].provisioner == "libvirt")

    @property
    def bare_metal(self) -> tuple[str, ...]:
        """Hosts that live and were there before the stack."""
        return tuple(name for name in self.hosts if self.settings.hosts[name].provisioner == "bare-metal")

    def address(self, host: str) -> str:
        """A host's address."""
        return str(self.settings.hosts[host].address)

    def addresses(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """Addresses in the order of the hosts."""
        return tuple(self.address(host) for host in hosts)

    def interface(self, host: str) -> str:
        """The name that the interface on the link has on a host."""
        return self.settings.hosts[host].interface or self.settings.network.interface

    def mac(self, host: str) -> str:
        """A VM's MAC address: its own setting, else derived. Nothing asks for that of bare metal."""
        return self.settings.hosts[host].mac or derived_mac(self.stack, host)

    def host_key(self, host: str) -> str | None:
        """The public SSH host key that a host must show, without comment: a VM's is derived, bare metal's is set. None: trust on first use."""
        machine = self.settings.hosts[host]
        if machine.provisioner == "libvirt":
            return self.secrets.ssh_key("ssh-host-key", host).public
        return machine.host_key

    @property
    def directors(self) -> tuple[str, ...]:
        """Directors, the highest priority first."""
        section = self.settings.directors
        if section is None:
            return ()
        return self._live(tuple(sorted(section.members, key=lambda name: -section.members[name].priority)))

    @property
    def reference_node(self) -> str | None:
        """The member that serves no clients; None where there is none, or it is lost: then the next member does what it did."""
        galera = self.settings.galera
        return galera.reference_node if galera and galera.reference_node in self.hosts else None

    @property
    def galera_nodes(self) -> tuple[str, ...]:
        """Galera nodes in the order in which they join; the reference node bootstraps, so it comes first."""
        section = self.settings.galera
        if section is None:
            return ()
        first = [section.reference_node] if section.reference_node else []
        return self._live(tuple(first + [name for name in section.members if name != section.reference_node]))

    @property
    def real_servers(self) -> tuple[str, ...]:
        """Nodes that LVS forwards to, the preferred writer first."""
        directors, galera = self.settings.directors, self.settings.galera
        if directors is None or galera is None:
            return ()
        if directors.real_servers is not None:
            return self._live(directors.real_servers)
        return self._live(tuple(name for name in galera.members if name != galera.reference_node))

    @property
    def vips(self) -> tuple[str, ...]:
        """The writer's VIP and, where there is one, the reader's."""
        section = self.settings.directors
        if section is None:
            return ()
        return (str(section.vip), *([str(section.reader.vip)] if section.reader else []))

    def roles(self, host: str) -> tuple[str, ...]:
        """What a host is for, as the outputs name it."""
        return tuple(
            role
            for role, holds in (
                ("director", host in self.directors),
                ("galera", host in self.galera_nodes),
                ("reference", host == self.reference_node),
                ("realserver", host in self.real_servers),
            )
            if holds
        )

    def _live(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host for host in hosts if host in self.hosts)
