"""Replicas: servers of their own, told apart, that are looked at often enough for their limit."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.replicas.model import Replicas
from settings.problem import Problem
from settings.rules.lost import back, names_are_lost
from settings.rules.machines import lost
from settings.rules.registry import rule
from settings.rules.timers import key_of
from settings.stack import Stack

#: Seconds between two looks of a health agent at its server.
AGENT_LOOK = 1.0


@rule("components", each=Replicas)
def distinct_server_ids(stack: Stack, name: str, replicas: Replicas) -> Iterator[Problem]:
    """A server ignores events with its own id (mariadb.com/kb, server_id)."""
    source = stack.source_of(name)
    seen: dict[int, tuple[str, str]] = {}
    if source:
        seen |= {number: (host, f"{source.members_key}.{host}") for host, number in source.server_ids.items()}
    for other in stack.followers(source.component) if source else ():
        section = stack.components[other]
        if other != name and isinstance(section, Replicas):
            seen |= {member.server_id: (host, f"{other}.members.{host}") for host, member in section.members.items()}
    for host, member in replicas.members.items():
        if member.server_id in seen:
            owner, key = seen[member.server_id]
            yield Problem(
                f"{name}.members.{host}.server_id",
                f"{member.server_id} is also the server id of {owner} ({key}.server_id)",
                "the one would take the other's transactions for its own, or be thrown out when the other connects",
                "give each an id of its own, or leave it out",
            )
        seen.setdefault(member.server_id, (host, f"{name}.members.{host}"))


@rule("components", "ssh", each=Replicas)
def clone_port_is_free(stack: Stack, name: str, replicas: Replicas) -> Iterator[Problem]:
    """The port at which copies are given is another one than those of the servers that are followed."""
    source = stack.source_of(name)
    if source is None:
        return
    taken = {
        port.number: port.what
        for section in (stack.components[source.component],)
        for host in source.members
        for port in section.ports(source.component).get(host, ())
    } | {stack.ssh.port: "sshd"}
    if replicas.clone_port in taken:
        yield Problem(
            f"{name}.clone_port",
            f"{replicas.clone_port} is the port of {taken[replicas.clone_port]} on {source.members_key}",
            "one of the two could not start",
            "write another port, such as 9203",
        )


@rule("timers", each=Replicas)
def limit_above_the_looks(stack: Stack, name: str, replicas: Replicas) -> Iterator[Problem]:
    """A lag that is shorter than the time between two looks cannot be judged."""
    needed = stack.timers.checks.delay_loop + AGENT_LOOK
    if replicas.max_lag_s < needed:
        yield Problem(
            f"{name}.max_lag_s",
            f"{replicas.max_lag_s:g} s is less than the {needed:g} s within which a lag is seen (a look of the health"
            " agent and a check)",
            "replicas would leave and come back although nothing is wrong",
            f"write {needed:g} or more, or lower {key_of(stack, 'delay_loop')}",
        )


@rule("hosts", each=Replicas, of_living=True)
def a_replica_lives(stack: Stack, name: str, replicas: Replicas) -> Iterator[Problem]:
    """Somebody takes reads."""
    names = [host for host in replicas.members if host in stack.hosts]
    gone = lost(stack, names)
    if names and gone == names:
        yield Problem(
            f"hosts.{gone[-1]}.lost",
            f"{names_are_lost(gone)}, and there is no other replica",
            "no server that is only read would be left",
            f"bring {back(len(gone), 1)}; or name new hosts in {name}.members and in hosts; or leave out {name}",
        )
