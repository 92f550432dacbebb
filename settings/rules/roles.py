"""Roles: laid on hosts that exist, and every host has one."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from settings.kinds import KINDS
from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack


def named_hosts(stack: Stack) -> Iterator[tuple[str, str]]:
    """(key path, host name) wherever a component names a host."""
    for name, section in stack.components.items():
        yield from section.named_hosts(name)


@rule("hosts", "components")
def known_hosts(stack: Stack) -> Iterator[Problem]:
    """A role is given to a host of the stack."""
    for key, name in named_hosts(stack):
        if name not in stack.hosts:
            near = get_close_matches(name[:64], stack.hosts, n=1, cutoff=0.6)
            instead = (
                f"did you mean {near[0]}? Otherwise add {name} to hosts"
                if near
                else f"add {name} to hosts, or name one of {', '.join(stack.hosts)}"
            )
            yield Problem(key, f"there is no host {name} under hosts", "the role would have no machine", instead)


@rule("hosts", "components")
def used_hosts(stack: Stack) -> Iterator[Problem]:
    """A host without a role is a mistake: a machine that would run for nothing."""
    if not stack.components:
        first, *others = KINDS
        yield Problem(
            first,
            f"is missing, and so is {' and '.join(others)}",
            "the hosts would be made and serve nothing",
            f"write the section {first}, and others as docs/settings.md shows",
        )
        return
    used = {name for _, name in named_hosts(stack)}
    members = " or ".join(
        f"{name}.members" for name, section in stack.components.items() if "members" in type(section).model_fields
    )
    for name in stack.hosts:
        if name not in used:
            yield Problem(
                f"hosts.{name}",
                "has no role",
                "the machine would run for nothing",
                f"name it in {members or 'a component'}, or remove it",
            )
