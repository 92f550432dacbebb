"""Power: behind a controller or a domain that is switched off is one host alone."""

from __future__ import annotations

from collections.abc import Iterator

from settings.parts.promotion import Fencing
from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack


def switches(name: str, fencing: Fencing) -> Iterator[tuple[str, str, str]]:
    """(key path, what is switched, host) of all that an agent may switch off, where the settings name it."""
    if fencing.agent == "ipmi":
        for host, one in fencing.ipmi.items():
            yield f"{name}.fencing.ipmi.{host}.address", f"the controller {one.address}", host
    if fencing.agent == "libvirt" and fencing.libvirt:
        for host, domain in fencing.libvirt.domains.items():
            words = f"the domain {domain} at {fencing.libvirt.host}"
            yield f"{name}.fencing.libvirt.domains.{host}", words, host


@rule("components")
def one_host_behind_a_switch(stack: Stack) -> Iterator[Problem]:
    """A controller or a domain is of one host, whatever component the host is in."""
    seen: dict[str, tuple[str, str]] = {}
    for name, section in stack.components.items():
        fencing = getattr(section, "fencing", None)
        if not isinstance(fencing, Fencing):
            continue
        for key, what, host in switches(name, fencing):
            other, owner = seen.setdefault(what, (key, host))
            if owner != host:
                yield Problem(
                    key,
                    f"{what} is also that of {owner} ({other})",
                    f"{owner} would lose its power where {host} is meant, or in its own place, and what it alone has"
                    " would be cut off",
                    "give each host its own",
                )
