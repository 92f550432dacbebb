"""Hosts that are declared lost: what messages say of them, and what is left must be able to go on without them."""

from __future__ import annotations

from collections.abc import Iterator

from settings.parts.vrrp import VrrpSection
from settings.problem import Problem, listed
from settings.rules.forwarding import forwarded_to
from settings.rules.machines import lost
from settings.rules.registry import rule
from settings.section import Backend
from settings.stack import Stack


def names_are_lost(names: list[str]) -> str:
    """`mdb1 and mdb2 are lost`."""
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'} lost"


def back(gone: int, needed: int) -> str:
    """Who must come back: `it back`, `2 of them back`."""
    return "it back" if gone == 1 else f"{'one' if needed == 1 else needed} of them back"


def _lives(stack: Stack, backend: Backend) -> bool:
    """False where so many members are lost that the component serves nobody; that is its own rule's business."""
    members = {*backend.members, *backend.votes_besides}
    return not backend.majority or (len(members) - len(lost(stack, members))) * 2 > len(members)


@rule("hosts", "components", of_living=True)
def server_without_lost(stack: Stack) -> Iterator[Problem]:
    """Someone behind the VIP lives."""
    for name in stack.components:
        backend = stack.backend_of(name)
        names = [host for host in forwarded_to(stack, name) if host in stack.hosts]
        gone = lost(stack, names)
        if backend and names and gone == list(dict.fromkeys(names)) and _lives(stack, backend):
            yield Problem(
                f"hosts.{gone[-1]}.lost",
                f"{names_are_lost(gone)}, and no other node serves clients",
                "the VIP would lead nowhere although the cluster lives",
                f"bring {back(len(gone), 1)}; or let another node serve: name it in {name}.real_servers, or leave "
                f"out {backend.reserve_key}",
            )


@rule("hosts", each=VrrpSection, of_living=True)
def vip_holder_without_lost(stack: Stack, name: str, section: VrrpSection) -> Iterator[Problem]:
    """Someone holds the VIP."""
    names = [host for host in section.holders() if host in stack.hosts]
    gone = lost(stack, names)
    if names and gone == names:
        yield Problem(
            f"hosts.{gone[-1]}.lost",
            f"{names_are_lost(gone)}, and there is no other {section.member}",
            "no host would hold the VIP, and every client would be cut off",
            f"bring {back(len(gone), 1)}; or name new hosts in {name}.members and in hosts",
        )
