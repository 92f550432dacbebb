"""Directors and the real servers behind them (keepalived.conf(5))."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.directors.model import Directors
from settings.problem import Problem
from settings.rules.forwarding import forwarded_to
from settings.rules.registry import rule
from settings.stack import Stack


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
