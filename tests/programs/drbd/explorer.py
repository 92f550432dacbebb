"""Every order of power cuts, cut links, resyncs and writes of a DRBD pair; its resource module says whose data count.

Who of two may is the promoter's business (tests/programs/promoter): here a host is promoted in any moment in which the
promoter would not say that it is ineligible or unready, and the kernel would not refuse. What is looked at is the data:
`newest` means that a host holds all that was acknowledged to anybody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from drbd_fencing import FENCE, FENCED, decide
from drbd_state import Seen
from promoter_decide import Own, ineligible
from resource_drbd import Resource

UPTODATE, INCONSISTENT = "UpToDate", "Inconsistent"


@dataclass(frozen=True)
class Host:
    """One host. `synced`: the mark below /run; `told`: the other one's last word was that it wrote alone; `outdated`:
    DRBD's handler has said since DRBD has lost the other one that it was fenced; `fenced`: that mark below /run, which
    counts until the other one is heard.
    """

    on: bool = True
    disk: str = UPTODATE
    newest: bool = True
    synced: bool = False
    active: bool = False
    met: bool = False
    told: bool = False
    outdated: bool = False
    fenced: bool = False


@dataclass(frozen=True)
class World:
    """Two hosts. `source`: the host that the other one copies from; None: no resync runs."""

    hosts: tuple[Host, Host] = (Host(), Host())
    link: bool = True
    connected: bool = False
    source: int | None = None

    def to(self, index: int, **changes: Any) -> World:
        hosts = list(self.hosts)
        hosts[index] = replace(hosts[index], **changes)
        return replace(self, hosts=(hosts[0], hosts[1]))

    def off(self, index: int) -> World:
        """Power cut: what is on the disk stays, and nothing else."""
        host = self.hosts[index]
        return replace(
            self.to(index, on=False, active=False, synced=False, met=False, told=False, outdated=False, fenced=False),
            connected=False,
            source=None,
        ).to(index, disk=host.disk, newest=host.newest)


Step = tuple[str, World]


def seen(world: World, index: int) -> Seen:
    """What the kernel of a host says."""
    host, other = world.hosts[index], world.hosts[1 - index]
    role, peer_role = ("Primary" if each.active else "Secondary" for each in (host, other))
    if not world.connected:
        return Seen("WFConnection", role, "Unknown", host.disk, "Outdated" if host.outdated else "DUnknown")
    states = {None: "Connected", index: "SyncSource", 1 - index: "SyncTarget"}
    return Seen(states[world.source], role, peer_role, host.disk, other.disk)


def hindered(world: World, index: int) -> str:
    """Why a host is not promoted now, by its own facts; empty where it is."""
    host, other, name = world.hosts[index], world.hosts[1 - index], "AB"[1 - index]
    now, heard = seen(world, index), world.link and other.on
    resource: Any = Resource.__new__(Resource)
    resource.config, resource.formed, resource.synced = SimpleNamespace(peer=name), True, host.synced
    peer = {"heard": heard and host.met, "connection": "x", "alone": host.told}
    unwell = resource.unfit(now, peer)
    own = Own(
        usable=not unwell,
        active=False,
        vip=True,
        right=False,
        met=host.met,
        behind=resource.behind(now, peer),
        unwell=unwell,
    )
    return ineligible(own) or resource.unready(now, peer)


def events(world: World, *, fencing: bool, hinders: Callable[[World, int], str] = hindered) -> Iterator[Step]:
    """What may happen next."""
    both = all(host.on for host in world.hosts)
    if world.link:
        yield "the link breaks", replace(world, link=False, connected=False, source=None)
    else:
        yield "the link is back", replace(world, link=True)
    if both and world.link and not world.connected and any(host.newest for host in world.hosts):
        yield from connects(world)
    if world.source is not None:
        done = replace(world.to(1 - world.source, disk=UPTODATE, newest=True), source=None)
        yield "the resync ends", done
    for index, host in enumerate(world.hosts):
        name, other = "AB"[index], world.hosts[1 - index]
        if not host.on:
            yield f"{name} boots", world.to(index, on=True)
            continue
        yield f"{name} loses power", world.off(index)
        now = seen(world, index)
        if (now.in_sync or now.source) and host.met and not host.synced:
            yield f"{name} sees that it has all", world.to(index, synced=True)
        if world.link and other.on:
            told = seen(world, 1 - index).alone
            hears = world.to(index, met=True, told=told, fenced=False)
            yield f"{name} hears the other", hears.to(1 - index, fenced=False)  # it has been asked
        if host.active:
            yield f"{name} stands down", world.to(index, active=False)
            yield from writes(world, index, fencing=fencing)
        elif not hinders(world, index):
            yield from promoted(world, index, fencing=fencing)


def connects(world: World) -> Iterator[Step]:
    """DRBD's handshake: whose data are newer is the source; alike data need no resync."""
    a, b = world.hosts
    known = replace(world.to(0, outdated=False).to(1, outdated=False), connected=True)
    if a.newest and b.newest:
        yield "DRBD connects: alike", known
        return
    source = 0 if a.newest else 1
    if not world.hosts[1 - source].active:  # it would overwrite a Primary: rr-conflict disconnect
        yield (
            f"DRBD connects: {'AB'[source]} is the source",
            replace(known.to(1 - source, disk=INCONSISTENT), source=source),
        )


def writes(world: World, index: int, *, fencing: bool) -> Iterator[Step]:
    """An acknowledged write. Alone: with fencing held back until DRBD's handler says that the other one is off."""
    name = "AB"[index]
    if world.connected:
        return  # both get it
    after = world
    if fencing and not world.hosts[index].outdated:
        after = handled(world, index)
        if after is None:
            return
    yield f"{name} writes alone", after.to(1 - index, newest=False)


def handled(world: World, index: int) -> World | None:
    """What DRBD's handler does on a host that has the VIP and the right, and hears nobody; None: it refuses."""
    host = world.hosts[index]
    said = {"vip": True, "right": True, "fenced": host.fenced}
    decision = decide(seen(world, index), said, in_hands=False, over=True)
    if decision.action == FENCE:
        return world.off(1 - index).to(index, outdated=True, fenced=True)
    return world.to(index, outdated=True) if decision.action == FENCED else None


def promoted(world: World, index: int, *, fencing: bool) -> Iterator[Step]:
    """The other one gives the right away, or does not answer: it is fenced then, or the right is taken. Where DRBD is
    not connected its handler is asked, too.
    """
    host, other = world.hosts[index], world.hosts[1 - index]
    heard = world.link and other.on
    if (heard or world.connected) and other.active:
        return
    after: World | None = world.to(1 - index, fenced=False) if heard else world  # being asked, it has heard this one
    if fencing and not heard and not host.fenced:
        after = world.off(1 - index).to(index, fenced=True)
    if fencing and after is not None and not after.connected:
        after = handled(after, index)
    if after is not None:
        yield f"{'AB'[index]} is promoted", after.to(index, active=True, synced=True)


def explore(
    bad: Callable[[World], bool],
    *,
    fencing: bool,
    start: World | None = None,
    hinders: Callable[[World, int], str] = hindered,
    passing: Callable[[str], bool] = lambda words: True,
) -> tuple[int, list[str] | None]:
    """Number of worlds seen, and the shortest way to a bad one. `passing`: events that may happen."""
    first = start or World()
    ways: dict[World, list[str]] = {first: []}
    queue = deque([first])
    while queue:
        world = queue.popleft()
        if bad(world):
            return len(ways), ways[world]
        for words, after in events(world, fencing=fencing, hinders=hinders):
            if after not in ways and passing(words):
                ways[after] = [*ways[world], words]
                queue.append(after)
    return len(ways), None
