"""LVS: forwarding methods and what each needs (ipvsadm(8), keepalived.conf(5))."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.directors.model import Directors
from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack


@rule(each=Directors)
def one_method(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """A real server is set up for one method."""
    for key, service in directors.virtual_servers(name):
        if service.lb_kind != directors.lb_kind:
            yield Problem(
                f"{key}.lb_kind",
                f"{service.lb_kind} differs from {name}.virtual_server.lb_kind {directors.lb_kind}",
                "the same servers stand behind both VIPs, and each is set up for one method",
                f"write {directors.lb_kind}",
            )
        if service.port != directors.virtual_server.port:
            yield Problem(
                f"{key}.port",
                f"{service.port} differs from {name}.virtual_server.port {directors.virtual_server.port}",
                "clients, the firewall and `hactl` know one port for both VIPs",
                f"write {directors.virtual_server.port}",
            )


@rule(each=Directors)
def inner_vip(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """NAT is the only method in which answers pass the director."""
    if directors.lb_kind == "NAT" and directors.inner_vip is None:
        yield Problem(
            f"{name}.inner_vip",
            "is missing, and lb_kind is NAT",
            "real servers would have no route to the director that has to translate their answers: no connection "
            "would come about",
            "write a free address of network.cidr, or write DR",
        )
    if directors.lb_kind != "NAT" and directors.inner_vip is not None:
        yield Problem(
            f"{name}.inner_vip",
            f"{directors.inner_vip} is given, and lb_kind is {directors.lb_kind}",
            "real servers answer clients directly, and nothing would use the address",
            "remove it, or write NAT",
        )


@rule("components", each=Directors)
def port_kept(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """DR and TUN hand packets on unchanged."""
    backend = stack.backend_of(name)
    for key, service in directors.virtual_servers(name):
        if backend and service.lb_kind != "NAT" and service.port != backend.port:
            yield Problem(
                f"{key}.port",
                f"{service.port} differs from {backend.port_key} {backend.port}",
                f"{service.lb_kind} does not rewrite ports, so no server would listen where clients knock",
                f"write {backend.port} in both places, or set lb_kind to NAT",
            )


@rule("components", each=Directors)
def nat_answers_pass_the_director(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """What a real server sends from MariaDB's port goes through the director: no other component may knock there."""
    backend = stack.backend_of(name)
    if backend is None or directors.lb_kind != "NAT":
        return
    for other in stack.fronts(backend.component):
        if other != name:
            yield Problem(
                f"{name}.virtual_server.lb_kind",
                f"NAT, while {other} forwards to {backend.component} too",
                f"the servers' answers to clients of {other} would take the way through the directors of {name}",
                "write DR or TUN, or let one component stand before it",
            )
