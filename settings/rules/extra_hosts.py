"""Further names in /etc/hosts (hosts(5)): names of others, at addresses that one machine can have."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from settings.problem import Problem, quote
from settings.rules.addresses import special
from settings.rules.contact import is_host
from settings.rules.names import RESERVED
from settings.rules.registry import rule
from settings.stack import Stack


def _key(name: str) -> str:
    return f"network.extra_hosts.{name[:80]}" if name.strip() else f"network.extra_hosts.{quote(name)}"


@rule("network")
def extra_names(stack: Stack) -> Iterator[Problem]:
    """Host names, each once whatever its case, and none that means the machine itself."""
    seen: dict[str, str] = {}
    for name in stack.network.extra_hosts:
        plain = name.lower()
        if plain in RESERVED or plain.split(".")[0] == "localhost" or plain.endswith(".localhost"):
            yield Problem(
                _key(name),
                f"{quote(name)} names every machine itself",
                "programs would leave the machine where they mean to stay on it",
                "choose another name",
            )
        elif name.endswith(".") or name.replace(".", "").isdecimal() or not is_host(name):
            yield Problem(
                _key(name),
                f"{quote(name)} is no host name (RFC 1123)",
                "no program would find the line in /etc/hosts",
                "write the name first, then its address, such as mirror.example.org: 172.16.21.9",
            )
        elif plain in seen:
            yield Problem(
                _key(name),
                f"differs from {seen[plain]} by case only",
                "names are looked up without regard to case, so one would hide the other",
                "keep one of the two",
            )
        seen.setdefault(plain, name)


@rule("network", "hosts")
def extra_names_of_others(stack: Stack) -> Iterator[Problem]:
    """The stack's own hosts have their lines already."""
    own = {name.lower(): name for name in stack.hosts}
    for name in stack.network.extra_hosts:
        if name.lower() in own:
            host = own[name.lower()]
            yield Problem(
                _key(name),
                f"{quote(name)} is a host of the stack (hosts.{host})",
                "its peers would find two addresses for it, and some would talk to the wrong one",
                f"remove it: every host knows {host} by hosts.{host}.address",
            )


@rule("network")
def extra_addresses(stack: Stack) -> Iterator[Problem]:
    """Addresses of one machine, and not of the one that looks them up."""
    for name, address in stack.network.extra_hosts.items():
        wrong = _wrong_address(stack.network.cidr, address)
        if wrong:
            yield Problem(
                _key(name),
                f"{address} {wrong}",
                "the name would lead nowhere",
                "write the IPv4 address of the machine that has this name",
            )


def _wrong_address(link: IPv4Network, address: IPv4Address) -> str | None:
    if address.is_loopback:
        return "is every machine's own (loopback)"
    if address.is_unspecified or address.is_multicast or address == IPv4Address("255.255.255.255"):
        return "is no machine's address"
    kind = special(link, address)
    return f"is the {kind} of network.cidr {link}" if kind else None
