"""Who can take a host's power: the best that there is for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ops.components import components_of
from ops.drill.servers import Controller, Reset
from ops.drill.switches import Command, Domain, Switch
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell
from ops.inventory import Inventory


class Power(Protocol):
    """What a drill needs to know of power."""

    def switch(self, host: str) -> Switch:
        """The power of a host.

        Raises:
            OpsError: nobody can switch it.
        """


@dataclass(frozen=True, kw_only=True)
class Switches:
    """By the inventory: a libvirt domain; a command that the access names for the others; a power controller; else a
    reset by the host itself, which its words say."""

    inventory: Inventory
    shell: Shell

    def switch(self, host: str) -> Switch:
        """See `Power.switch`."""
        entry, hypervisor = self.inventory.hosts[host], self.inventory.hypervisor
        if entry.provisioner == "libvirt":
            if hypervisor is None or entry.domain is None:
                words = f"the power of {host} cannot be switched: the inventory names no hypervisor and domain of it"
                raise OpsError(words, "write it anew with `hactl inventory`", Exit.REFUSED)
            return Domain(host=host, domain=entry.domain, uri=hypervisor.uri)
        if self.inventory.access.power:
            return Command(host=host, command=self.inventory.access.power)
        for component in components_of(self.inventory).values():
            if (other := component.controller(host)) in self.inventory.hosts and other:
                return Controller(host=host, asked_by=other, shell=self.shell)
        return Reset(host=host, shell=self.shell)
