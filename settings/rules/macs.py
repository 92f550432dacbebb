"""MAC addresses of VMs: unicast, and one a host."""

from __future__ import annotations

from collections.abc import Iterator

from settings.mac import derived_mac
from settings.problem import Problem
from settings.rules.machines import vms
from settings.rules.registry import rule
from settings.stack import Stack

_OWN = "write another one (52:54:00:… is QEMU's range), or leave it out to have it derived"
_BOTH = "the bridge would deliver frames to one of the two only"


@rule("hosts")
def explicit_macs(stack: Stack) -> Iterator[Problem]:
    """A machine's address: neither multicast nor zero, and nobody else's."""
    owners: dict[str, str] = {}
    for name, host in vms(stack).items():
        if host.mac is None:
            continue
        key = f"hosts.{name}.mac"
        if int(host.mac[:2], 16) & 1:
            yield Problem(
                key,
                f"{host.mac} is a multicast address (the lowest bit of its first byte is 1)",
                "libvirt refuses it for an interface",
                _OWN,
            )
        if host.mac == "00:00:00:00:00:00":
            yield Problem(key, f"{host.mac} is no address", "libvirt refuses it for an interface", _OWN)
        if host.mac in owners:
            yield Problem(key, f"{host.mac} is also the MAC address of {owners[host.mac]}", _BOTH, _OWN)
        owners.setdefault(host.mac, name)


def derived_macs(stack: Stack, sound: frozenset[str], stack_name: str | None) -> Iterator[Problem]:
    """Collisions with derived addresses, which depend on the stack's name."""
    if stack_name is None or "hosts" not in sound:
        return
    owners = {host.mac: name for name, host in vms(stack).items() if host.mac}
    for name, host in vms(stack).items():
        if host.mac:
            continue
        mac = derived_mac(stack_name, name)
        if mac in owners:
            yield Problem(
                f"hosts.{name}.mac",
                f"the derived address {mac} is also that of {owners[mac]}",
                _BOTH,
                f"set hosts.{name}.mac to another address",
            )
        owners.setdefault(mac, name)
