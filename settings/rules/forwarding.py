"""Components that forward clients to others: to whom, and that there is somebody."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds import KINDS
from settings.problem import Problem, listed, quote
from settings.rules.registry import rule
from settings.stack import Stack


def forwarded_to(stack: Stack, name: str) -> tuple[str, ...]:
    """Servers that a component forwards to, as the settings have them: those it names, else all but the one that serves
    no clients.
    """
    backend = stack.backend_of(name)
    if backend is None:
        return ()
    given: tuple[str, ...] | None = stack.components[name].real_servers_named()
    return given if given is not None else tuple(host for host in backend.members if host != backend.reserve)


def preferred(stack: Stack, backend: str) -> str | None:
    """The server of a component that gets clients first, where somebody forwards to it and says so."""
    for front in stack.fronts(backend):
        weights = stack.components[front].weights_named()
        servers = [host for host in forwarded_to(stack, front) if not stack.hosts[host].lost]
        if servers:
            return max(servers, key=lambda host: (weights.get(host, 1), -servers.index(host)))
    return None


@rule("components")
def something_behind(stack: Stack) -> Iterator[Problem]:
    """Who forwards has somebody to forward to, and knows whom."""
    backends = stack.backends()
    for name, section in stack.components.items():
        if not section.forwards or stack.backend_of(name):
            continue
        chosen = section.forwards_to()
        if chosen is not None:
            yield Problem(
                f"{name}.backend_component",
                f"there is no component {quote(chosen)} that can be forwarded to",
                "the VIP would lead nowhere",
                f"name one of {', '.join(backends)}" if backends else f"write a section {_offered()}",
            )
        elif backends:
            yield Problem(
                f"{name}.backend_component",
                f"is missing, and {listed(list(backends))} can all be forwarded to",
                "nobody could say where clients are to go",
                "name one of them",
            )
        else:
            yield Problem(
                _offered(),
                f"is missing while there are {name}",
                "the VIP would lead nowhere",
                f"write the section {_offered()}, or leave out {name}",
            )


def _offered() -> str:
    """Sections that can be forwarded to, for a sentence."""
    return " or ".join(name for name, model in KINDS.items() if model.can_be_forwarded_to)
