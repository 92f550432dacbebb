"""Addresses: everything on one link, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from settings.problem import Problem, listed
from settings.rules.registry import rule
from settings.stack import Stack

_FREE = "write a free address of network.cidr"


def special(network: IPv4Network, address: IPv4Address) -> str | None:
    """What an address is that no machine can have: the subnet's own, or its broadcast address. /31 and /32 have
    neither.
    """
    if network.prefixlen >= 31:
        return None
    return {network.network_address: "network address", network.broadcast_address: "broadcast address"}.get(address)


def _misplaced(stack: Stack, key: str, address: IPv4Address, lost: str) -> Iterator[Problem]:
    network = stack.network
    kind = special(network.cidr, address)
    if address not in network.cidr:
        yield Problem(
            key, f"{address} lies outside network.cidr {network.cidr}", lost, f"write a free address of {network.cidr}"
        )
    elif kind:
        yield Problem(key, f"{address} is the {kind} of network.cidr {network.cidr}", "no machine can have it", _FREE)
    elif address == network.gateway:
        yield Problem(key, f"{address} is network.gateway", "two machines would answer for one address", _FREE)


@rule("network", "hosts")
def hosts_on_the_link(stack: Stack) -> Iterator[Problem]:
    """Every host's address lies in the subnet and is a machine's."""
    for name, host in stack.hosts.items():
        lost = f"the host {name} would be on another link, where its peers and LVS-DR cannot reach it"
        yield from _misplaced(stack, f"hosts.{name}.address", host.address, lost)


@rule("hosts")
def distinct_hosts(stack: Stack) -> Iterator[Problem]:
    """No address twice."""
    owners: dict[IPv4Address, list[str]] = {}
    for name, host in stack.hosts.items():
        owners.setdefault(host.address, []).append(name)
    for address, names in owners.items():
        gone = [name for name in names if stack.hosts[name].lost]
        for name in names[1:]:
            yield Problem(
                f"hosts.{name}.address",
                f"{address} is also the address of {names[0]}",
                "both machines would answer for it and neither would work",
                f"give each host an address of its own; or run `up` with {listed(gone)} lost first, and remove it "
                "from the settings then"
                if gone
                else "give each host an address of its own",
            )


@rule("network", "components")
def vips_on_the_link(stack: Stack) -> Iterator[Problem]:
    """The VIPs lie in the subnet."""
    for key, address in stack.vips().items():
        yield from _misplaced(
            stack, key, address, "no client of the link would reach it, and LVS-DR needs it on the same link"
        )


@rule("hosts", "components")
def vips_of_no_host(stack: Stack) -> Iterator[Problem]:
    """A VIP moves between hosts, so none may own it."""
    for key, address in stack.vips().items():
        for name, host in stack.hosts.items():
            if host.address == address:
                yield Problem(
                    key,
                    f"{address} is the address of host {name} (hosts.{name}.address)",
                    "the VIP could not move, and would collide with the host",
                    _FREE,
                )


@rule("components")
def distinct_vips(stack: Stack) -> Iterator[Problem]:
    """Every purpose needs an address of its own."""
    seen: dict[IPv4Address, str] = {}
    for key, address in stack.vips().items():
        if address in seen:
            yield Problem(
                key,
                f"{address} is {seen[address]} too",
                "reads and writes, or two components, could not be told apart",
                f"write another free address, or leave out {key.rpartition('.')[0]}",
            )
        seen.setdefault(address, key)


@rule("network")
def gateway_on_the_link(stack: Stack) -> Iterator[Problem]:
    """The gateway is a machine of the subnet."""
    network = stack.network
    if network.gateway is None:
        return
    kind = special(network.cidr, network.gateway)
    if network.gateway not in network.cidr:
        yield Problem(
            "network.gateway",
            f"{network.gateway} lies outside network.cidr {network.cidr}",
            "hosts could not reach it, so they would have no default route",
            f"write the router's address in {network.cidr}",
        )
    elif kind:
        yield Problem(
            "network.gateway",
            f"{network.gateway} is the {kind} of {network.cidr}",
            "no router can have it",
            "write the router's address",
        )


@rule("network", "hosts", "components")
def room_on_the_link(stack: Stack) -> Iterator[Problem]:
    """The subnet holds all hosts, VIPs and the gateway."""
    cidr = stack.network.cidr
    usable = cidr.num_addresses if cidr.prefixlen >= 31 else cidr.num_addresses - 2
    needed = len(stack.hosts) + len(stack.vips()) + (stack.network.gateway is not None)
    if needed > usable:
        yield Problem(
            "network.cidr",
            f"{cidr} has {usable} usable addresses; hosts, VIPs and gateway are {needed}",
            "some of them would be left without an address",
            "choose a larger subnet",
        )


@rule("network")
def name_servers(stack: Stack) -> Iterator[Problem]:
    """A list without repetitions and without addresses that answer nothing."""
    for index, address in enumerate(stack.network.dns):
        if address.is_unspecified or address.is_multicast:
            yield Problem(
                f"network.dns[{index}]",
                f"{address} is no server's address",
                "names would not resolve on the hosts",
                "write a name server's address",
            )
    doubled = {str(address) for address in stack.network.dns if stack.network.dns.count(address) > 1}
    if doubled:
        yield Problem(
            "network.dns",
            f"{listed(sorted(doubled))} is listed twice",
            "a resolver would ask a dead server twice",
            "name each server once",
        )
