"""Ports: no two listeners of a host on one."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem
from settings.rules.registry import rule
from settings.section import Port
from settings.stack import Stack


@rule("components", "ssh")
def distinct_ports(stack: Stack) -> Iterator[Problem]:
    """Everything that listens on a host: its components, and sshd."""
    listeners: dict[str, list[Port]] = {}
    for name, section in stack.components.items():
        for host, ports in section.ports(name).items():
            listeners.setdefault(host, []).extend(ports)
    for found in listeners.values():
        # What no setting moves comes first: the message names a key that can be changed.
        taken: dict[int, str] = {}
        sshd = Port(number=stack.ssh.port, what="sshd", key="ssh.port", usual=22)
        for port in sorted([sshd, *found], key=lambda port: (port.key is not None, port.key != "ssh.port")):
            if port.number in taken and port.key:
                yield Problem(
                    port.key,
                    f"{port.number} is the port of {taken[port.number]}",
                    "one of the two could not start",
                    f"write another port, such as {port.usual}",
                )
            elif port.number in taken:
                yield Problem(
                    "hosts",
                    f"{port.what} and {taken[port.number]} both need port {port.number} on one host",
                    "one of the two could not start",
                    "give them hosts of their own",
                )
            taken.setdefault(port.number, f"{port.what} ({port.key})" if port.key else port.what)
