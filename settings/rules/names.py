"""Host names: usable as DNS labels, names of database nodes and of resources; and interfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings.problem import Problem, quote
from settings.rules.machines import interfaces
from settings.rules.registry import rule
from settings.stack import Stack

LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
RESERVED = {"localhost", "ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-allrouters"}


@rule("hosts")
def valid_names(stack: Stack) -> Iterator[Problem]:
    """One DNS label each (RFC 1123), not a number, not a name of the machine itself."""
    instead = "use letters, digits and inner hyphens, at most 63, such as mdb2"
    for name in stack.hosts:
        key = f"hosts.{name[:80]}" if name.strip() else f"hosts.{quote(name)}"
        if not LABEL.fullmatch(name):
            yield Problem(
                key,
                f"{quote(name)} is no host name (RFC 1123)",
                "neither the machine nor its database node could carry it",
                instead,
            )
        elif name.isdigit():
            yield Problem(key, f"{quote(name)} is a number", "programs would take the name for an address", instead)
        elif name.lower() in RESERVED:
            yield Problem(
                key,
                f"{quote(name)} names every machine itself in /etc/hosts",
                "its peers would talk to themselves",
                instead,
            )


@rule("hosts")
def distinct_names(stack: Stack) -> Iterator[Problem]:
    """Host names do not differ by case alone."""
    seen: dict[str, str] = {}
    for name in stack.hosts:
        if name.lower() in seen:
            yield Problem(
                f"hosts.{name}",
                f"differs from host {seen[name.lower()]} by case only",
                "names are looked up without regard to case, so one would answer for both",
                "give it a name of its own",
            )
        seen.setdefault(name.lower(), name)


@rule("network", "hosts")
def real_interface(stack: Stack) -> Iterator[Problem]:
    """Not the loopback."""
    for key, name in {"network.interface": stack.network.interface, **interfaces(stack, stack.hosts)}.items():
        if name in ("lo", ".", ".."):
            yield Problem(
                key,
                f"{name} is no link to other machines",
                "no host would be reachable",
                "write the link's name, such as eth0",
            )
