"""Every order of events of two hosts that share a VIP, their promoters deciding with the program's own functions.

The world is worse than the real one: the VIP appears and vanishes on any living host at any moment, the hosts' link
breaks in either
direction, a host looks at the other and acts on that look any time later, an answer is lost, hosts lose power and
come back.
Only two things are relied upon: a fenced host is off, and what is kept below /run does not outlive a boot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from promoter_decide import ASK, DEMOTE, FENCE, PROMOTE, TAKE, Own, Peer, decide, may_grant, outdated

#: Terms beyond this are the same: what matters is which of two is later.
TERMS = 4


@dataclass(frozen=True)
class Host:
    """One host. `seen`: its last look at the other: not looked yet, no answer, or the answer. `asked`: an answer is
    on its way.
    """

    on: bool = True
    vip: bool = False
    active: bool = False
    right: bool = False
    term: int = 0
    met: bool = False
    fenced: bool = False
    seen: str | Peer = "not yet"
    granted: int = 0
    """A grant that has left the other host and not arrived: its term."""

    def own(self) -> Own:
        return Own(
            usable=True,
            active=self.active,
            vip=self.vip,
            right=self.right,
            term=self.term,
            met=self.met,
            fenced=self.fenced,
        )

    def told(self) -> Peer:
        return Peer(active=self.active, vip=self.vip, right=self.right, term=self.term)


@dataclass(frozen=True)
class World:
    """Two hosts, and whether they hear each other."""

    hosts: tuple[Host, Host] = (Host(), Host())
    link: bool = True

    def with_host(self, index: int, **changes: object) -> World:
        hosts = list(self.hosts)
        hosts[index] = replace(hosts[index], **changes)  # type: ignore[arg-type]
        return replace(self, hosts=(hosts[0], hosts[1]))


Step = tuple[str, World]
OFF = Host(on=False)


def events(world: World, *, fencing: bool, grants: Callable[[Own], str] = may_grant) -> Iterator[Step]:
    """What may happen next, each with the world after it."""
    yield ("the link breaks" if world.link else "the link is back"), replace(world, link=not world.link)
    for index, host in enumerate(world.hosts):
        name, other = "AB"[index], world.hosts[1 - index]
        if not host.on:
            yield f"{name} boots", world.with_host(index, on=True)
            continue
        hosts = list(world.hosts)
        hosts[index] = OFF
        yield f"{name} loses power", replace(world, hosts=(hosts[0], hosts[1]))
        yield f"the VIP {'leaves' if host.vip else 'comes to'} {name}", world.with_host(index, vip=not host.vip)
        heard = world.link and other.on
        if host.granted:
            taken = max(host.term, host.granted)
            yield f"{name} gets the right", world.with_host(index, granted=0, right=True, term=taken)
            yield f"the answer to {name} is lost", world.with_host(index, granted=0)
            continue  # its promoter waits for the answer, and neither acts nor grants
        if heard:
            hears = world.with_host(index, seen=other.told(), met=True, fenced=False)
            yield f"{name} hears {'AB'[1 - index]}", hears.with_host(1 - index, fenced=False)  # it has been asked
        else:
            yield f"{name} hears nobody", world.with_host(index, seen="nobody")
        if host.seen != "not yet":
            yield from acts(world, index, heard=heard, fencing=fencing, grants=grants)


def acts(world: World, index: int, *, heard: bool, fencing: bool, grants: Callable[[Own], str]) -> Iterator[Step]:
    """What a host does on its last look, and on its own state as it is now."""
    host, other, name = world.hosts[index], world.hosts[1 - index], "AB"[index]
    seen = host.seen if isinstance(host.seen, Peer) else None
    if seen and outdated(host.own(), seen):
        given_up = world.with_host(index, seen="not yet", right=False, term=max(host.term, seen.term))
        yield f"{name} gives an earlier right up", given_up
        return
    decision = decide(host.own(), seen, fencing=fencing)
    done = world.with_host(index, seen="not yet")
    later = min(max(host.term, other.term) + 1, TERMS)
    if decision.action == DEMOTE:
        yield f"{name} stops taking writes", done.with_host(index, active=False)
    elif decision.action == PROMOTE:
        yield f"{name} takes writes", done.with_host(index, active=True)
    elif decision.action == TAKE:
        yield f"{name} takes the right by itself", done.with_host(index, right=True, term=min(host.term + 1, TERMS))
    elif decision.action == FENCE:
        hosts = list(done.hosts)
        hosts[1 - index] = OFF
        yield f"{name} fences the other", replace(done, hosts=(hosts[0], hosts[1])).with_host(index, fenced=True)
    elif decision.action == ASK and heard and not other.granted and not grants(other.own()):
        yield f"{'AB'[1 - index]} gives the right to {name}", _given(done, index, later)


def _given(world: World, index: int, term: int) -> World:
    """The other host has given its right away. Being asked, it has heard this one."""
    return world.with_host(1 - index, right=False, term=term, fenced=False).with_host(index, granted=term)


def two_writers(world: World) -> bool:
    """What must never be."""
    return all(host.on and host.active for host in world.hosts)


def explore(
    *,
    fencing: bool,
    bad: Callable[[World], bool] = two_writers,
    grants: Callable[[Own], str] = may_grant,
    limit: int = 3_000_000,
    start: World = World(),
    happens: Callable[[str], bool] = lambda words: True,
) -> tuple[int, list[str] | None]:
    """Number of worlds seen from `start` on by what `happens`, and the shortest way to a bad one; None when there is
    none.

    Raises RuntimeError when there are more worlds than `limit`.
    """
    before: dict[World, tuple[World, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        world = queue.popleft()
        if bad(world):
            return len(before), trace(before, world)
        for words, after in events(world, fencing=fencing, grants=grants):
            if after not in before and happens(words):
                before[after] = world, words
                queue.append(after)
        if len(before) > limit:
            raise RuntimeError(f"more than {limit} worlds")
    return len(before), None


def trace(before: dict[World, tuple[World, str] | None], world: World) -> list[str]:
    """What happened, first to last."""
    found = []
    while step := before[world]:
        world, words = step
        found.append(words)
    return found[::-1]
