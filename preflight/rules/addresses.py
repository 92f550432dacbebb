"""Addresses: each host has its own on the link, and a VIP belongs to nobody yet."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.candidate import Candidate
from settings.problem import Problem, listed


def declared(candidate: Candidate) -> Iterator[Problem]:
    """The declared address is on the declared interface."""
    shown = candidate.facts.addresses
    interface, address = candidate.context.interface(candidate.host), candidate.context.address(candidate.host)
    if shown is None:
        yield candidate.problem(
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
        instead = f"write hosts.{candidate.host}.interface: {where[0]}"
    else:
        instead = (
            "give the interface that address in the host's network configuration, or correct "
            f"hosts.{candidate.host}.address (is it behind NAT?)"
        )
    yield candidate.problem(
        f"{address} is not on its interface {interface}; there are: {known}",
        "the stack's services bind to that interface and address",
        instead,
    )


def others(candidate: Candidate) -> Iterator[Problem]:
    """No other host's address is on this host."""
    hosts = candidate.context.settings.hosts
    for name, entry in hosts.items():
        if name == candidate.host or entry.lost:
            continue
        held = [found.interface for found in candidate.facts.addresses or () if found.address == str(entry.address)]
        if held:
            yield candidate.problem(
                f"{entry.address}, the address of {name}, is on its interface {held[0]}",
                f"two machines would answer for it, and the cluster would take this one for {name}",
                f"remove it from this host's network configuration, or correct hosts.{name}.address",
            )


def vip_configured(candidate: Candidate) -> Iterator[Problem]:
    """No VIP is written in a host's network configuration, and none sits on a host that the stack has not set up."""
    for vip in candidate.context.vips:
        files = [file for address, file in candidate.facts.vip_files if address == vip]
        held = [entry for entry in candidate.facts.addresses or () if entry.address == vip]
        if files:
            wrong = f"the VIP {vip} is configured in {listed(files)}"
        elif held and not candidate.ours:
            wrong = f"the VIP {vip} is on its interface {held[0].interface}"
        else:
            continue
        yield candidate.problem(
            wrong,
            "only keepalived may give it to a host, or two machines would answer for it",
            "take it out of the host's network configuration and from the interface"
            + (f" (as root: ip address del {vip}/{held[0].prefix} dev {held[0].interface})" if held else "")
            + ", or choose another address for the VIP",
        )


def vip_in_use(candidate: Candidate) -> Iterator[Problem]:
    """Nobody outside the stack answers for a VIP; told at the first host that was answered.

    Nothing is said while a host that cannot be looked at may hold it: a VM, or one that was not reached.
    """
    context = candidate.context
    holders = [name for name, host in candidate.plan.hosts.items() if any(needs.keepalived for needs in host.needs)]
    if any(name not in candidate.all_facts for name in holders):
        return
    for vip in context.vips:
        if any(entry.address == vip for facts in candidate.all_facts.values() for entry in facts.addresses or ()):
            continue
        answered = {
            name: answer
            for name, facts in candidate.all_facts.items()
            for answer in facts.vip_answers
            if answer.vip == vip and answer.answers
        }
        if next(iter(answered), None) != candidate.host:
            continue
        mac = f" (its MAC address is {answered[candidate.host].mac})" if answered[candidate.host].mac else ""
        yield candidate.problem(
            f"the VIP {vip} answers already, and no host of the stack holds it{mac}",
            "clients would reach that machine or one of the stack, now this one, now that",
            "find that machine and give it another address, or choose another VIP",
        )


RULES = (declared, others, vip_configured, vip_in_use)
