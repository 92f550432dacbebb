"""VRRP: who holds the VIP (RFC 5798; keepalived.conf(5), vrrp_instance)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from settings.intake import ENCRYPTED
from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack

_AUTH_PASS = re.compile(r"[A-Za-z0-9._@%+=:,/-]+")
_LABEL = 15


@rule("directors")
def distinct_priorities(stack: Stack) -> Iterator[Problem]:
    """Two directors with one priority argue for the VIP."""
    seen: dict[int, str] = {}
    for name, member in (stack.directors.members if stack.directors else {}).items():
        if member.priority in seen:
            yield Problem(
                f"directors.members.{name}.priority",
                f"{member.priority} is also the priority of {seen[member.priority]}",
                "nobody could say which director holds the VIP, and both may claim it at start",
                "give each director a priority of its own, such as 100 and 99",
            )
        seen.setdefault(member.priority, name)


@rule("directors")
def preemption(stack: Stack) -> Iterator[Problem]:
    """A delay of something that never happens."""
    section = stack.directors
    if section and not section.preempt and "preempt_delay" in section.model_fields_set and section.preempt_delay:
        yield Problem(
            "directors.preempt_delay",
            f"{section.preempt_delay} is given, but directors.preempt is false",
            "the director of higher priority never takes the VIP back, so the delay means nothing",
            "remove it, or set preempt to true",
        )


@rule("directors")
def authentication(stack: Stack) -> Iterator[Problem]:
    """VRRP 3 has none; version 2's is eight characters."""
    section = stack.directors
    if not section or section.authentication is None:
        return
    if section.vrrp_version == 3:
        yield Problem(
            "directors.authentication",
            "VRRP version 3 has no authentication",
            "keepalived rejects the configuration",
            "remove it (the firewall admits VRRP from the peers only), or set vrrp_version to 2",
        )
    secret = section.authentication.auth_pass
    text = secret.get_secret_value() if secret else ""
    if secret is None or text == ENCRYPTED:
        return
    key = "directors.authentication.auth_pass"
    if len(text) > 8:
        yield Problem(
            key,
            f"has {len(text)} characters",
            "keepalived cuts it to 8, so the rest protects nothing",
            "write 8 characters, or leave it out to have it derived",
        )
    elif not _AUTH_PASS.fullmatch(text):
        yield Problem(
            key,
            "is empty, or holds characters that mean something in keepalived.conf (spaces, quotes, #, !, braces)",
            "keepalived would read another password",
            "write letters, digits and . _ - only, or leave it out to have it derived",
        )


def interfaces(stack: Stack, hosts: Iterable[str]) -> dict[str, str]:
    """Interfaces of hosts by the key that names each: the host's own, or the one of all."""
    found = {}
    for name in hosts:
        host = stack.hosts.get(name)
        if host and host.interface is not None:
            found[f"hosts.{name}.interface"] = host.interface
        else:
            found["network.interface"] = stack.network.interface
    return found


@rule("directors", "network", "hosts")
def label_fits(stack: Stack) -> Iterator[Problem]:
    """The VIP is labelled INTERFACE:N on directors, and the kernel's labels hold 15 characters."""
    for key, name in interfaces(stack, stack.directors.members if stack.directors else ()).items():
        if len(name) > _LABEL - len(":0"):
            yield Problem(key, f"{name} has more than {_LABEL - 2} characters", "the VIP's label would not fit into the kernel's 15", "choose a shorter name")


@rule("network", "hosts")
def real_interface(stack: Stack) -> Iterator[Problem]:
    """Not the loopback."""
    for key, name in {"network.interface": stack.network.interface, **interfaces(stack, stack.hosts)}.items():
        if name in ("lo", ".", ".."):
            yield Problem(key, f"{name} is no link to other machines", "no host would be reachable", "write the link's name, such as eth0")
