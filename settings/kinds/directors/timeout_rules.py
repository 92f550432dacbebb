"""IPVS's memory of silent sessions, and the keepalive that has to come in between (ipvsadm(8), --set)."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.directors.model import Directors
from settings.parts.server import ServerSection
from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack


@rule("components", each=Directors)
def silence_is_not_the_end(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """The servers ask silent clients before IPVS forgets the session."""
    backend = stack.backend_of(name)
    if backend is None:
        return
    server = stack.components[backend.component]
    if not isinstance(server, ServerSection) or server.keepalive_s < directors.lvs_timeouts.tcp:
        return
    yield Problem(
        f"{name}.lvs_timeouts.tcp",
        f"{directors.lvs_timeouts.tcp} s are over before {backend.component}'s keepalive has asked a silent client for "
        f"the last time ({server.keepalive_s} s: tcp_keepalive_time {server.tcp_keepalive_time} s and "
        f"{server.tcp_keepalive_probes} times tcp_keepalive_interval {server.tcp_keepalive_interval} s)",
        "IPVS forgets a session that is only silent; its client's next statement is answered with a reset",
        f"use more than {server.keepalive_s} s, or a smaller {backend.component}.tcp_keepalive_time",
    )


@rule("components", each=Directors)
def one_memory_per_host(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """`lvs_timeouts` hold for a host, whichever virtual server a session came through."""
    for other, section in stack.components.items():
        if other == name:
            return
        shared = sorted(set(section.members) & set(directors.members)) if isinstance(section, Directors) else []
        if shared and isinstance(section, Directors) and section.lvs_timeouts != directors.lvs_timeouts:
            yield Problem(
                f"{name}.lvs_timeouts",
                f"differ from {other}.lvs_timeouts, and {', '.join(shared)} is a director of both",
                "a host has one set of them, and the file that keepalived reads last would win",
                "write the same in both, or take hosts of their own",
            )
