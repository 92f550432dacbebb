"""Subnets that the firewall can read: what `ssh.admin_cidrs`, `client_cidrs` and further openings share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from settings.problem import Problem, quote


def unfit_cidrs(key: str, cidrs: Sequence[str]) -> Iterator[Problem]:
    """Each is an IPv4 subnet, written as what it is. `key`: the list's."""
    for index, text in enumerate(cidrs):
        yield from _unfit(f"{key}[{index}]", text)


def _unfit(key: str, text: str) -> Iterator[Problem]:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        yield Problem(
            key,
            f"{quote(text)} is no subnet",
            "the firewall's file would not load",
            "write it such as 172.16.21.0/24",
        )
        return
    if network.version == 6:
        yield Problem(
            key,
            f"{quote(text)} is an IPv6 subnet; hosts have IPv4 only",
            "nobody would be admitted by it",
            "write an IPv4 subnet",
        )
    elif text not in (str(network), str(network.network_address)):
        yield Problem(
            key,
            f"{quote(text)} is an address within {network}, not a subnet",
            "the firewall would admit more than the text says",
            f"write {network}, or the one address with /32",
        )
