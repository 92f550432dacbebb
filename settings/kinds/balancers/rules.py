"""Balancers: hosts of their own, and accounts that may come from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from settings.kinds.balancers.model import Balancers
from settings.problem import Problem, listed, quote
from settings.rules.accounts import every_account
from settings.rules.registry import rule
from settings.stack import Stack


@rule("databases", "hosts", each=Balancers)
def accounts_from_the_balancers(stack: Stack, name: str, balancers: Balancers) -> Iterator[Problem]:
    """Servers see a balancer's address in the place of a client's."""
    addresses = [stack.hosts[host].address for host in balancers.members if host in stack.hosts]
    for key, user, account in every_account(stack):
        if account.host == "localhost" or all(_admits(account.host, address) for address in addresses):
            continue
        yield Problem(
            f"{key}.host",
            f"{quote(account.host)} does not admit all of {name} ({listed([str(one) for one in addresses])})",
            f"the servers see a balancer's address in the place of the client's, and {user} could not log in",
            "write % or a pattern that these match, and let the firewall before the balancers say who may come",
        )


def _admits(pattern: str, address: IPv4Address) -> bool:
    """Whether an account's host matches an address (mariadb.com/kb: account names). True for what is no pattern: that
    is another rule's business.
    """
    text, _, mask = pattern.partition("/")
    try:
        if mask:
            return address in IPv4Network(f"{text}/{mask}")
    except ValueError:
        return True
    if not re.fullmatch(r"[0-9.%_]+", text):
        return True
    likes = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in text)
    return re.fullmatch(likes, str(address)) is not None


@rule("components", each=Balancers)
def reads_where_they_are_balanced(stack: Stack, name: str, balancers: Balancers) -> Iterator[Problem]:
    """A balancer stands before database servers, and is none."""
    source, readers = stack.source_of(name), stack.readers_of(name)
    for behind in (source, readers):
        for host in balancers.members:
            if behind and host in behind.members:
                yield Problem(
                    f"{name}.members.{host}",
                    f"{host} is in {behind.members_key}",
                    "a host that dies would take a balancer and a server with it, and keepalived there would have two"
                    " masters to obey",
                    "give balancers hosts of their own",
                )
