"""What a host has once: two components cannot both have it."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem
from settings.rules.machines import vms
from settings.rules.registry import rule
from settings.section import Once
from settings.stack import Stack


@rule("hosts", "components")
def once_a_host(stack: Stack) -> Iterator[Problem]:
    """No two components lay claim to a host's data volume, data directory, keepalived or health agent."""
    owners: dict[tuple[str, Once], tuple[str, str]] = {}
    machines = vms(stack)
    for name, section in stack.components.items():
        keys: dict[str, str] = {}
        for key, host in section.named_hosts(name):
            keys.setdefault(host, key)
        for host, taken in section.takes().items():
            said: set[str] = set()
            for once in taken:
                if once.of_vms and host not in machines:
                    continue
                other, key = owners.setdefault((host, once), (name, keys[host]))
                if other != name and other not in said:
                    said.add(other)
                    yield Problem(
                        keys[host],
                        f"{host} is {key} too, and {once.words}",
                        once.follows,
                        f"give {name} and {other} hosts of their own",
                    )
