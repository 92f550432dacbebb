"""Ports: no two listeners of a node on one."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack

#: Galera's own listeners (galeracluster.com, Firewall Settings).
FIXED = {4567: "Galera's group communication", 4568: "IST", 4444: "SST"}


@rule("galera", "ssh")
def distinct_ports(stack: Stack) -> Iterator[Problem]:
    """MariaDB, the agent, sshd and Galera's own ports."""
    if not stack.galera:
        return
    taken = FIXED | {stack.ssh.port: "sshd (ssh.port)"}
    if stack.ssh.port in FIXED:
        yield Problem(
            "ssh.port", f"{stack.ssh.port} is the port of {FIXED[stack.ssh.port]}", "one of the two could not start", "write another port, such as 22"
        )
    for name, port, usual in (("port", stack.galera.port, 3306), ("agent_port", stack.galera.agent_port, 9200)):
        if port in taken:
            yield Problem(f"galera.{name}", f"{port} is the port of {taken[port]}", "one of the two could not start", f"write another port, such as {usual}")
        taken = taken | {port: f"MariaDB (galera.{name})"}
