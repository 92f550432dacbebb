"""LVS: schedulers, their weights and flags, and persistence (ipvsadm(8))."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.directors.model import Directors, VirtualServer
from settings.problem import Problem, quote
from settings.rules.forwarding import forwarded_to
from settings.rules.registry import rule
from settings.stack import Stack

_BY_DESTINATION = ("dh", "lblc", "lblcr")
#: Schedulers that look at no weight but 0.
_BLIND = ("rr", "lc", "dh")
#: IPVS takes no more.
_HEAVIEST = 65535


@rule("components", each=Directors)
def writer_scheduler(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """The writer's scheduler must do what the routing of the component behind says."""
    service, key = directors.virtual_server, f"{name}.virtual_server.lb_algo"
    backend, algo = stack.backend_of(name), service.lb_algo
    if backend is None or algo is None:
        return
    if backend.one_writer and algo != "fo":
        yield Problem(
            key,
            f"{algo} contradicts {backend.routing_key} single-writer",
            "connections would be spread, so that several servers take writes at once",
            f"write fo or leave it out; or set {backend.routing_key} to {backend.several} and accept conflicts between "
            "writers",
        )
    if not backend.one_writer:
        yield from _one_server(
            key, service, f"set {backend.routing_key} to single-writer, or write rr, wlc or another that spreads"
        )


@rule(each=Directors)
def reader_scheduler(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """Reads are spread."""
    if directors.reader:
        yield from _one_server(
            f"{name}.reader.virtual_server.lb_algo",
            directors.reader.virtual_server,
            "write rr, wlc or another that spreads, or leave it out",
        )


def _one_server(key: str, service: VirtualServer, instead: str) -> Iterator[Problem]:
    algo, instead = service.lb_algo, f"{instead}; or set accept_one_server to true"
    if service.accept_one_server:
        return
    if algo == "fo":
        yield Problem(
            key,
            "fo sends every connection to one server, the heaviest that is up",
            "the others would serve nobody",
            instead,
        )
    elif algo == "ovf" and not service.weights:
        yield Problem(
            key,
            "ovf takes weights for numbers of connections, and every server has weight 1",
            "all but a handful would go to one server",
            f"give weights, or {instead}",
        )
    elif algo in _BY_DESTINATION:
        yield Problem(
            key,
            f"{algo} chooses by the destination address, and all clients come to the one VIP",
            "one server would take them all",
            instead,
        )


@rule(each=Directors)
def flags(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """Flags belong to one scheduler (the kernel ignores those of another)."""
    for key, service in directors.virtual_servers(name):
        for index, flag in enumerate(service.flags or ()):
            owner = flag.partition("-")[0]
            if owner != service.lb_algo:
                yield Problem(
                    f"{key}.flags[{index}]",
                    f"{flag} is a flag of {owner}, and lb_algo is {service.lb_algo or 'not given'}",
                    "connections would be spread otherwise than it is written here",
                    f"remove it, or set lb_algo to {owner}",
                )


@rule("components", each=Directors)
def weights(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """Weights of servers that are forwarded to, which the scheduler looks at, and with which somebody is served."""
    servers, backend = forwarded_to(stack, name), stack.backend_of(name)
    if backend is None:
        return
    for key, service in directors.virtual_servers(name):
        given, where = service.weights, f"{key}.weights"
        single = backend.one_writer and key == f"{name}.virtual_server"
        algo = service.lb_algo or ("fo" if single else "rr")
        if not given:
            continue
        for host, weight in given.items():
            if host not in servers:
                yield Problem(
                    f"{where}.{host}",
                    f"{quote(host)} is no real server of {name}",
                    "the weight would be nobody's",
                    f"name one of {', '.join(servers)}",
                )
            if not 0 <= weight <= _HEAVIEST:
                yield Problem(
                    f"{where}.{host}",
                    f"{weight} is no weight",
                    "IPVS would refuse the server",
                    f"write 0 to {_HEAVIEST}",
                )
        found = [given.get(host, 1) for host in servers]
        if servers and not any(found):
            yield Problem(
                where,
                "every server has weight 0",
                "IPVS sends no new connections to a server of weight 0: the VIP would lead nowhere",
                "give one of them a weight above 0",
            )
        elif algo in _BLIND and len(set(found)) > 1:
            yield Problem(
                where,
                f"{', '.join(map(str, found))} differ, and {algo} does not look at weights",
                "every server would get the same share, or what a hash gives it",
                f"write {'wrr' if algo == 'rr' else 'wlc'}, or leave the weights out",
            )
        elif algo == "fo" and len(set(found)) < len(found):
            yield Problem(
                where,
                f"{', '.join(map(str, found))} has a weight twice, and fo takes the heaviest server that is up",
                "which of the two it is would depend on the order in which they came up, and the directors may differ",
                "give each a weight of its own, or leave the weights out: the order of the real servers decides then",
            )


@rule("components", each=Directors)
def persistence(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """Persistence keeps a client where it was, which some schedulers must not have."""
    backend = stack.backend_of(name)
    for key, service in directors.virtual_servers(name):
        if not service.persistence_timeout:
            continue
        where, off = f"{key}.persistence_timeout", "write 0"
        single = bool(backend and backend.one_writer and key == f"{name}.virtual_server")
        if single or service.lb_algo == "fo":
            yield Problem(
                where,
                f"{service.persistence_timeout} keeps clients on the server they had, against the failover of fo",
                "after a change of writers some clients would go on writing to the old one",
                off,
            )
        elif service.lb_algo == "mh":
            yield Problem(
                where,
                f"{service.persistence_timeout} contradicts mh, which hashes address and port",
                "clients would be pinned by a table that the other director does not share",
                off,
            )
        elif service.lb_algo == "sh" and "sh-port" in (service.flags or ()):
            yield Problem(
                where,
                f"{service.persistence_timeout} contradicts sh-port, which spreads the connections of one client",
                "a client would stay with one server all the same",
                f"{off}, or remove sh-port",
            )
