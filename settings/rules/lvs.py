"""LVS: forwarding, scheduling and the real servers (ipvsadm(8), keepalived.conf(5))."""

from __future__ import annotations

from collections.abc import Iterator

from settings.directors import VirtualServer
from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack

_NEEDS = {
    "NAT": "NAT needs the directors as default route of every real server and changes where replies go",
    "TUN": "TUN needs an ipip tunnel with the VIP on every real server and a smaller MTU",
}
_BY_DESTINATION = ("dh", "lblc", "lblcr")


def servers(stack: Stack) -> tuple[str, ...]:
    """Nodes that LVS forwards to."""
    if not (stack.directors and stack.galera):
        return ()
    if stack.directors.real_servers is not None:
        return stack.directors.real_servers
    return tuple(name for name in stack.galera.members if name != stack.galera.reference_node)


def virtual_servers(stack: Stack) -> Iterator[tuple[str, VirtualServer]]:
    """Virtual servers by key path."""
    if stack.directors:
        yield "directors.virtual_server", stack.directors.virtual_server
        if stack.directors.reader:
            yield "directors.reader.virtual_server", stack.directors.reader.virtual_server


@rule("directors")
def direct_routing(stack: Stack) -> Iterator[Problem]:
    """Only DR is offered for Galera today."""
    for key, service in virtual_servers(stack):
        if service.lb_kind != "DR":
            yield Problem(
                f"{key}.lb_kind",
                f"{service.lb_kind} is not offered for Galera behind directors today",
                f"the real servers are set up for DR, and {_NEEDS[service.lb_kind]}: no connection would be answered",
                "write DR",
            )


@rule("directors", "galera")
def port_kept(stack: Stack) -> Iterator[Problem]:
    """DR hands packets on unchanged."""
    for key, service in virtual_servers(stack):
        if stack.galera and service.lb_kind == "DR" and service.port != stack.galera.port:
            yield Problem(
                f"{key}.port",
                f"{service.port} differs from galera.port {stack.galera.port}",
                "DR does not rewrite ports, so no server would listen where clients knock",
                f"write {stack.galera.port} in both places",
            )


@rule("directors", "galera")
def writer_scheduler(stack: Stack) -> Iterator[Problem]:
    """The writer's scheduler must do what `galera.routing` says."""
    if not (stack.directors and stack.galera):
        return
    algo, key = stack.directors.virtual_server.lb_algo, "directors.virtual_server.lb_algo"
    if algo is None:
        return
    if stack.galera.routing == "single-writer" and algo != "fo":
        yield Problem(
            key,
            f"{algo} contradicts galera.routing single-writer",
            "connections would be spread, so that several nodes take writes at once",
            "write fo or leave it out; or set galera.routing to all-nodes and accept conflicts between writers",
        )
    if stack.galera.routing == "all-nodes":
        yield from _one_server(key, algo, "set galera.routing to single-writer, or write rr, wlc or another that spreads")


@rule("directors")
def reader_scheduler(stack: Stack) -> Iterator[Problem]:
    """Reads are spread."""
    if stack.directors and stack.directors.reader:
        algo = stack.directors.reader.virtual_server.lb_algo
        if algo:
            yield from _one_server("directors.reader.virtual_server.lb_algo", algo, "write rr, wlc or another that spreads, or leave it out")


def _one_server(key: str, algo: str, instead: str) -> Iterator[Problem]:
    if algo == "fo":
        yield Problem(key, "fo sends every connection to one server, the heaviest that is up", "the other nodes would serve nobody", instead)
    elif algo == "ovf":
        yield Problem(key, "ovf takes weights for numbers of connections, and every node has weight 1", "all but a handful would go to one server", instead)
    elif algo in _BY_DESTINATION:
        yield Problem(key, f"{algo} chooses by the destination address, and all clients come to the one VIP", "one server would take them all", instead)


@rule("directors", "galera")
def persistence(stack: Stack) -> Iterator[Problem]:
    """Persistence keeps a client where it was, which some schedulers must not have."""
    for key, service in virtual_servers(stack):
        if not service.persistence_timeout:
            continue
        where, off = f"{key}.persistence_timeout", "write 0"
        single = bool(stack.galera and stack.galera.routing == "single-writer" and key == "directors.virtual_server")
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


@rule("directors", "galera")
def real_servers(stack: Stack) -> Iterator[Problem]:
    """Members of the cluster, each once, never the reference node, at least two."""
    if not (stack.directors and stack.galera):
        return
    given, reference = stack.directors.real_servers, stack.galera.reference_node
    for index, name in enumerate(given or ()):
        key = f"directors.real_servers[{index}]"
        if name == reference:
            yield Problem(
                key,
                f"{name} is galera.reference_node",
                "clients would load the node that is kept free as donor and for recovery",
                "remove it here, or leave out galera.reference_node",
            )
        if name not in stack.galera.members:
            yield Problem(key, f"{name} is not in galera.members", "LVS would forward clients to a host without a database", "name Galera nodes only")
        if given and name in given[:index]:
            yield Problem(key, f"{name} is listed twice", "keepalived would refuse the second entry", "name each node once")
    count = len(set(servers(stack)) - {reference})
    key = "directors.real_servers" if given is not None else "galera.reference_node" if reference else "galera.members"
    if count == 0:
        yield Problem(
            key,
            "leaves no real server" if given is None else "names no real server but the reference node" if given else "is empty",
            "the VIP would lead nowhere",
            "name at least two members besides the reference node",
        )
    elif count == 1 and (given is not None or len(set(stack.galera.members)) > 2):  # fewer are the quorum rule's business
        yield Problem(
            key,
            "leaves one real server",
            "its failure stops service for all clients: nothing stands by",
            "have at least two members besides the reference node",
        )
