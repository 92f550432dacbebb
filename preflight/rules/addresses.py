"""Addresses: each host has its own on the link, and a VIP belongs to nobody yet."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.sight import Sight
from settings.problem import Problem, listed


def declared(sight: Sight) -> Iterator[Problem]:
    """The declared address is on the declared interface."""
    shown = sight.facts.addresses
    interface, address = sight.context.interface(sight.host), sight.context.address(sight.host)
    if shown is None:
        yield sight.problem(
            "the program `ip` is not there",
            "nothing can be said about its addresses, and the stack needs it",
            "install it there, as root: apt-get install iproute2",
        )
        return
    if any(entry.interface == interface and entry.address == address for entry in shown):
        return
    where = [entry.interface for entry in shown if entry.address == address]
    known = listed([f"{entry.interface} {entry.address}" for entry in shown if entry.interface != "lo"])
    if where:
        instead = f"write hosts.{sight.host}.interface: {where[0]}"
    else:
        instead = f"give the interface that address in the host's network configuration, or correct hosts.{sight.host}.address (is it behind NAT?)"
    yield sight.problem(
        f"{address} is not on its interface {interface}; there are: {known}",
        "VRRP, LVS-DR and Galera bind to that interface and address",
        instead,
    )


def others(sight: Sight) -> Iterator[Problem]:
    """No other host's address is on this host."""
    hosts = sight.context.settings.hosts
    for name, entry in hosts.items():
        if name == sight.host or entry.lost:
            continue
        held = [found.interface for found in sight.facts.addresses or () if found.address == str(entry.address)]
        if held:
            yield sight.problem(
                f"{entry.address}, the address of {name}, is on its interface {held[0]}",
                f"two machines would answer for it, and the cluster would take this one for {name}",
                f"remove it from this host's network configuration, or correct hosts.{name}.address",
            )


def vip_configured(sight: Sight) -> Iterator[Problem]:
    """No VIP is written in a host's network configuration, and none sits on a host that the stack has not set up."""
    for vip in sight.context.vips:
        files = [file for address, file in sight.facts.vip_files if address == vip]
        held = [entry for entry in sight.facts.addresses or () if entry.address == vip]
        if files:
            wrong = f"the VIP {vip} is configured in {listed(files)}"
        elif held and not sight.ours:
            wrong = f"the VIP {vip} is on its interface {held[0].interface}"
        else:
            continue
        yield sight.problem(
            wrong,
            "only keepalived may give it to a director, or two machines would answer for it",
            "take it out of the host's network configuration and from the interface"
            + (f" (as root: ip address del {vip}/{held[0].prefix} dev {held[0].interface})" if held else "")
            + ", or choose another address for the VIP",
        )


def vip_in_use(sight: Sight) -> Iterator[Problem]:
    """Nobody outside the stack answers for a VIP; told at the first host that was answered.

    Nothing is said while a director that cannot be looked at may hold it: a VM, or a host that was not reached.
    """
    context = sight.context
    if any(name not in sight.all_facts for name in context.directors):
        return
    for vip in context.vips:
        if any(entry.address == vip for facts in sight.all_facts.values() for entry in facts.addresses or ()):
            continue
        answered = {name: answer for name, facts in sight.all_facts.items() for answer in facts.vip_answers if answer.vip == vip and answer.answers}
        if next(iter(answered), None) != sight.host:
            continue
        mac = f" (its MAC address is {answered[sight.host].mac})" if answered[sight.host].mac else ""
        yield sight.problem(
            f"the VIP {vip} answers already, and no host of the stack holds it{mac}",
            "clients would reach that machine or a director, now this one, now that",
            "find that machine and give it another address, or choose another VIP",
        )


RULES = (declared, others, vip_configured, vip_in_use)
