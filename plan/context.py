"""What every role's plan is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plan.secrets import Secrets
from settings.mac import derived_mac
from settings.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Context:
    """Settings, secrets and the answers that several roles ask for.

    A host that is declared lost is in no answer but `lost`, `address` and `addresses`: nothing is planned for it or
    with it.
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
        """The public SSH host key that a host must show, without comment: a VM's is derived, bare metal's is set.

        None: trust on first use.
        """
        machine = self.settings.hosts[host]
        if machine.provisioner == "libvirt":
            return self.secrets.ssh_key("ssh-host-key", host).public
        return machine.host_key

    def live(self, hosts: Iterable[str]) -> tuple[str, ...]:
        """Those hosts that live, in their order."""
        return tuple(host for host in hosts if host in self.hosts)

    @property
    def vips(self) -> tuple[str, ...]:
        """Addresses that move between hosts."""
        return tuple(str(address) for address in self.settings.vips().values())
