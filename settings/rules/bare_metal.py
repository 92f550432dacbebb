"""Bare metal and VMs: keys that mean something for one of the two only."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem, listed
from settings.rules.machines import bare_metal, vms
from settings.rules.registry import rule
from settings.stack import Stack

_SIZES = {
    "mac": "the machine has the MAC address of its network card",
    "vcpus": "the machine has the processors that it has",
    "root_disk_gib": "the machine is installed already",
}


@rule("hosts")
def sizes_of_vms(stack: Stack) -> Iterator[Problem]:
    """Processors, root disk and MAC address are a VM's: a machine that is there already has its own."""
    for name, host in bare_metal(stack).items():
        for key, why in _SIZES.items():
            if key in host.model_fields_set and getattr(host, key) is not None:
                yield Problem(
                    f"hosts.{name}.{key}",
                    f"is given although {name} is bare metal",
                    f"{why}, so it would mean nothing",
                    "remove it, or let the stack make a VM (provisioner libvirt)",
                )


@rule("hosts")
def keys_of_bare_metal(stack: Stack) -> Iterator[Problem]:
    """A VM's host key is derived, and a VM that is gone is made anew."""
    for name, host in vms(stack).items():
        if host.ssh_host_key is not None:
            yield Problem(
                f"hosts.{name}.ssh_host_key",
                f"is given although {name} is a VM",
                "a VM gets a host key that is derived from the stack secret, so the program would look for the "
                "wrong one",
                "remove it, or set provisioner to bare-metal",
            )
        if host.lost:
            yield Problem(
                f"hosts.{name}.lost",
                f"is true although {name} is a VM",
                "a VM is never gone for good: the stack makes it anew",
                "remove it, and run `pulumi up --replace URN` with the URN of its domain (`pulumi stack --show-urns`);"
                " hypervisor.protect_database_hosts must be false then",
            )


@rule("hosts", "bare_metal")
def section_has_hosts(stack: Stack) -> Iterator[Problem]:
    """The section is about hosts that the stack has."""
    given = [name for name in type(stack.bare_metal).model_fields if name in stack.bare_metal.model_fields_set]
    if given and not bare_metal(stack):
        yield Problem(
            "bare_metal",
            f"says {listed(given)}, and no host has provisioner bare-metal",
            "nothing would read it, and what it was meant to change would stay as it is",
            "remove it, or write provisioner: bare-metal for the hosts that it is about",
        )


@rule("bare_metal")
def keep_or_purge(stack: Stack) -> Iterator[Problem]:
    """Data is wanted, or it is not."""
    if stack.bare_metal.purge_data and stack.bare_metal.adopt_retained_data:
        yield Problem(
            "bare_metal.purge_data",
            "is true, and bare_metal.adopt_retained_data too",
            "data that is worth taking over would be destroyed with the stack",
            "set purge_data to false until the data may go, or remove adopt_retained_data",
        )
