"""Roles: laid on hosts that exist, and not on each other where the kernel would loop packets."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack


def named_hosts(stack: Stack) -> Iterator[tuple[str, str]]:
    """(key path, host name) wherever a section names a host."""
    if stack.directors:
        yield from ((f"directors.members.{name}", name) for name in stack.directors.members)
        yield from ((f"directors.real_servers[{index}]", name) for index, name in enumerate(stack.directors.real_servers or ()))
    if stack.galera:
        yield from ((f"galera.members[{index}]", name) for index, name in enumerate(stack.galera.members))


@rule("hosts", "directors", "galera")
def known_hosts(stack: Stack) -> Iterator[Problem]:
    """A role is given to a host of the stack."""
    for key, name in named_hosts(stack):
        if name not in stack.hosts:
            near = get_close_matches(name[:64], stack.hosts, n=1, cutoff=0.6)
            instead = f"did you mean {near[0]}? Otherwise add {name} to hosts" if near else f"add {name} to hosts, or name one of {', '.join(stack.hosts)}"
            yield Problem(key, f"there is no host {name} under hosts", "the role would have no machine", instead)


@rule("hosts", "directors", "galera")
def used_hosts(stack: Stack) -> Iterator[Problem]:
    """A host without a role is a slip of the pen: a machine that would run for nothing."""
    if not (stack.directors or stack.galera):
        yield Problem(
            "galera",
            "is missing, and so is directors",
            "the hosts would be made and serve nothing",
            "write the section galera, and directors for a VIP in front",
        )
        return
    used = {name for _, name in named_hosts(stack)}
    for name in stack.hosts:
        if name not in used:
            yield Problem(
                f"hosts.{name}",
                "has no role",
                "the machine would run for nothing",
                "name it in galera.members or directors.members, or remove it",
            )


@rule("directors", "galera")
def no_director_on_a_node(stack: Stack) -> Iterator[Problem]:
    """LVS-DR on a real server: the backup director forwards what it should answer."""
    if not (stack.directors and stack.galera):
        return
    for name in stack.directors.members:
        if name in stack.galera.members:
            yield Problem(
                f"directors.members.{name}",
                f"{name} is a Galera node too (galera.members)",
                "with LVS-DR two such hosts forward packets to each other in a loop, and the VIP on the loopback keeps VRRP from moving it",
                "give directors hosts of their own",
            )


@rule("directors", "galera")
def something_behind_directors(stack: Stack) -> Iterator[Problem]:
    """Directors forward to Galera nodes."""
    if stack.directors and not stack.galera:
        yield Problem("galera", "is missing while there are directors", "the VIP would lead nowhere", "write the section galera, or leave out directors")
