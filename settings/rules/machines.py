"""Which machines a stack has: what several rules ask."""

from __future__ import annotations

from collections.abc import Iterable

from settings.hosts import HostSettings
from settings.stack import Stack


def vms(stack: Stack) -> dict[str, HostSettings]:
    """Hosts that the stack makes at the hypervisor, by name."""
    return {name: host for name, host in stack.hosts.items() if host.provisioner == "libvirt"}


def bare_metal(stack: Stack) -> dict[str, HostSettings]:
    """Hosts that are there already, by name; lost ones too."""
    return {name: host for name, host in stack.hosts.items() if host.provisioner == "bare-metal"}


def lost(stack: Stack, names: Iterable[str]) -> list[str]:
    """Those of the names whose host is declared lost. Names of no host are another rule's business."""
    return [name for name in dict.fromkeys(names) if name in stack.hosts and stack.hosts[name].lost]


def interfaces(stack: Stack, names: Iterable[str]) -> dict[str, str]:
    """Interfaces of hosts by the key that names each: the host's own, or the one of all."""
    found = {}
    for name in names:
        host = stack.hosts.get(name)
        if host and host.interface is not None:
            found[f"hosts.{name}.interface"] = host.interface
        else:
            found["network.interface"] = stack.network.interface
    return found
