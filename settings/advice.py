"""What may be meant, and is worth a word at every preview: no error, nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator

from settings.parts.clients import ClientSection
from settings.parts.server import ServerSection
from settings.parts.sizes import LEAST_POOL, host_memory_mib
from settings.problem import Problem, listed
from settings.stack import Stack


def advice(stack: Stack) -> list[str]:
    """All of it, one line each."""
    return [str(problem) for look in (_open_to_all, _small_on_bare_metal) for problem in look(stack)]


def _open_to_all(stack: Stack) -> Iterator[Problem]:
    for name, section in stack.components.items():
        if isinstance(section, ClientSection) and section.open_to_all and not stack.fronts(name):
            yield Problem(
                f"{name}.client_cidrs",
                "admits clients from everywhere",
                "whoever reaches the port may try passwords there",
                "name the networks of the applications, and of the machine that runs `make up` and hactl",
            )


def _small_on_bare_metal(stack: Stack) -> Iterator[Problem]:
    for name, section in stack.components.items():
        if not isinstance(section, ServerSection) or section.innodb_buffer_pool_size_mib is not None:
            continue
        silent = [host for host in section.servers() if host_memory_mib(stack, host) is None and host in stack.hosts]
        if silent:
            yield Problem(
                f"hosts.{silent[0]}.memory_mib",
                f"is not given{f', nor those of {listed(silent[1:])}' if silent[1:] else ''}",
                f"MariaDB gets a buffer pool of {LEAST_POOL} MiB there, however large the machine is",
                f"write what the machine has, or {name}.innodb_buffer_pool_size_mib",
            )
