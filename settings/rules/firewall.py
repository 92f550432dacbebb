"""The firewall: who is admitted where."""

from __future__ import annotations

from collections.abc import Iterator

from settings.parts.clients import ClientSection
from settings.parts.server import ServerSection
from settings.problem import Problem, listed
from settings.rules.cidrs import unfit_cidrs
from settings.rules.registry import rule
from settings.stack import Stack


@rule(each=ClientSection)
def client_cidrs(stack: Stack, name: str, section: ClientSection) -> Iterator[Problem]:
    """Subnets that the firewall can read, and at least one."""
    if not section.client_cidrs:
        yield Problem(
            f"{name}.client_cidrs",
            "is empty",
            "no client would be admitted",
            "name the networks that clients come from",
        )
    yield from unfit_cidrs(f"{name}.client_cidrs", section.client_cidrs)


@rule("components", each=ClientSection)
def clients_come_by_the_front(stack: Stack, name: str, section: ClientSection) -> Iterator[Problem]:
    """Who stands before it says where clients come from."""
    fronts = stack.fronts(name)
    if fronts and "client_cidrs" in section.model_fields_set:
        yield Problem(
            f"{name}.client_cidrs",
            f"is given, and clients come by {listed(fronts)}",
            "it would not be read: the firewall of these servers admits those whom the component before them admits",
            f"set {fronts[0]}.client_cidrs instead",
        )


@rule("firewall", "hosts", "ssh", "components")
def openings(stack: Stack) -> Iterator[Problem]:
    """On hosts that the stack has, for subnets that the firewall can read, and not beside a setting that says who may
    come.
    """
    for index, opening in enumerate(stack.firewall.openings):
        key = f"firewall.openings[{index}]"
        yield from unfit_cidrs(f"{key}.cidrs", opening.cidrs)
        for number, host in enumerate(opening.hosts or ()):
            if host not in stack.hosts:
                yield Problem(
                    f"{key}.hosts[{number}]",
                    f"there is no host {host} ({', '.join(stack.hosts)})",
                    "the port would stay shut where it is meant to be open",
                    "name a host of the stack, or leave hosts out for all",
                )
        if setting := _said_elsewhere(stack, opening.port) if opening.proto == "tcp" else "":
            yield Problem(
                f"{key}.port",
                f"{opening.port} is a port whose clients {setting} names",
                "the opening would admit others, and that setting would not hold",
                f"add the networks to {setting}",
            )


def _said_elsewhere(stack: Stack, port: int) -> str:
    """The setting that says who may come to a port; empty where none does."""
    if port == stack.ssh.port:
        return "ssh.admin_cidrs"
    for name, section in stack.components.items():
        if isinstance(section, ServerSection) and section.port == port:
            return f"{(stack.fronts(name) or (name,))[0]}.client_cidrs"
    return ""
