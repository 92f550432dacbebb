"""LVS: forwarding, scheduling and the real servers (ipvsadm(8), keepalived.conf(5))."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.directors.model import Directors
from settings.problem import Problem
from settings.rules.forwarding import forwarded_to
from settings.rules.registry import rule
from settings.stack import Stack

_NEEDS = {
    "NAT": "NAT needs the directors as default route of every real server and changes where replies go",
    "TUN": "TUN needs an ipip tunnel with the VIP on every real server and a smaller MTU",
}
_BY_DESTINATION = ("dh", "lblc", "lblcr")


@rule(each=Directors)
def direct_routing(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """Only DR is offered for Galera today."""
    for key, service in directors.virtual_servers(name):
        if service.lb_kind != "DR":
            yield Problem(
                f"{key}.lb_kind",
                f"{service.lb_kind} is not offered for Galera behind directors today",
                f"the real servers are set up for DR, and {_NEEDS[service.lb_kind]}: no connection would be answered",
                "write DR",
            )


@rule("components", each=Directors)
def port_kept(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """DR hands packets on unchanged."""
    backend = stack.backend_of(name)
    for key, service in directors.virtual_servers(name):
        if backend and service.lb_kind == "DR" and service.port != backend.port:
            yield Problem(
                f"{key}.port",
                f"{service.port} differs from {backend.port_key} {backend.port}",
                "DR does not rewrite ports, so no server would listen where clients knock",
                f"write {backend.port} in both places",
            )


@rule("components", each=Directors)
def writer_scheduler(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """The writer's scheduler must do what the cluster's routing says."""
    backend, algo, key = stack.backend_of(name), directors.virtual_server.lb_algo, f"{name}.virtual_server.lb_algo"
    if backend is None or algo is None:
        return
    if backend.one_writer and algo != "fo":
        yield Problem(
            key,
            f"{algo} contradicts {backend.routing_key} single-writer",
            "connections would be spread, so that several nodes take writes at once",
            f"write fo or leave it out; or set {backend.routing_key} to all-nodes and accept conflicts between writers",
        )
    if not backend.one_writer:
        yield from _one_server(
            key, algo, f"set {backend.routing_key} to single-writer, or write rr, wlc or another that spreads"
        )


@rule(each=Directors)
def reader_scheduler(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """Reads are spread."""
    if directors.reader and (algo := directors.reader.virtual_server.lb_algo):
        yield from _one_server(
            f"{name}.reader.virtual_server.lb_algo", algo, "write rr, wlc or another that spreads, or leave it out"
        )


def _one_server(key: str, algo: str, instead: str) -> Iterator[Problem]:
    if algo == "fo":
        yield Problem(
            key,
            "fo sends every connection to one server, the heaviest that is up",
            "the other nodes would serve nobody",
            instead,
        )
    elif algo == "ovf":
        yield Problem(
            key,
            "ovf takes weights for numbers of connections, and every node has weight 1",
            "all but a handful would go to one server",
            instead,
        )
    elif algo in _BY_DESTINATION:
        yield Problem(
            key,
            f"{algo} chooses by the destination address, and all clients come to the one VIP",
            "one server would take them all",
            instead,
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


@rule("components", each=Directors)
def real_servers(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """Servers of the component behind, each once, never the one that serves no clients, at least two."""
    backend, given = stack.backend_of(name), directors.real_servers
    if backend is None:
        return
    for index, host in enumerate(given or ()):
        key = f"{name}.real_servers[{index}]"
        if host == backend.reserve:
            yield Problem(
                key,
                f"{host} is {backend.reserve_key}",
                "clients would load the node that is kept free as donor and for recovery",
                f"remove it here, or leave out {backend.reserve_key}",
            )
        if host not in backend.members:
            yield Problem(
                key,
                f"{host} is not in {backend.members_key}",
                "LVS would forward clients to a host without a database",
                f"name {backend.server}s only",
            )
        if given and host in given[:index]:
            yield Problem(
                key, f"{host} is listed twice", "keepalived would refuse the second entry", "name each node once"
            )
    count = len(set(forwarded_to(stack, name)) - {backend.reserve})
    key = (
        f"{name}.real_servers" if given is not None else backend.reserve_key if backend.reserve else backend.members_key
    )
    if count == 0:
        yield Problem(
            key,
            "leaves no real server"
            if given is None
            else "names no real server but the reference node"
            if given
            else "is empty",
            "the VIP would lead nowhere",
            "name at least two members besides the reference node",
        )
    elif count == 1 and (given is not None or len(set(backend.members)) > 2):  # fewer are the quorum rule's business
        yield Problem(
            key,
            "leaves one real server",
            "its failure stops service for all clients: nothing stands by",
            "have at least two members besides the reference node",
        )


@rule("components", each=Directors)
def no_director_on_a_real_server(stack: Stack, name: str, directors: Directors) -> Iterator[Problem]:
    """LVS-DR on a real server: the backup director forwards what it should answer."""
    backend = stack.backend_of(name)
    for host in directors.members:
        if backend and host in backend.members:
            yield Problem(
                f"{name}.members.{host}",
                f"{host} is a {backend.server} too ({backend.members_key})",
                "with LVS-DR two such hosts forward packets to each other in a loop, and the VIP on the loopback "
                "keeps VRRP from moving it",
                "give directors hosts of their own",
            )
