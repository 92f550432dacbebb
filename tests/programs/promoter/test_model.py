"""Two writers: never with fencing, whatever happens in whatever order; without it, in the way that the docs show."""

from __future__ import annotations

from collections.abc import Callable

import promoter_decide
import pytest
from promoter_decide import Own, may_grant

from tests.conftest import ROOT
from tests.programs.promoter import explorer
from tests.programs.promoter.explorer import World, explore


def test_with_fencing_two_hosts_never_take_writes_at_once() -> None:
    worlds, way = explore(fencing=True)
    assert way is None
    assert worlds > 10_000, "the model has hardly moved"


def test_without_fencing_there_is_a_way_and_the_docs_show_it() -> None:
    _, way = explore(fencing=False)
    assert way is not None
    shown = (ROOT / "docs/promotion.md").read_text()
    assert "\n".join(f"{number}. {words}" for number, words in enumerate(way, 1)) in shown


def test_a_host_can_come_to_serve_and_the_other_after_it() -> None:
    """The model is no model of hosts that never do anything."""

    def other_serves_after(world: World) -> bool:
        a, b = world.hosts
        return b.active and a.on and not a.active and a.term > 0 and b.term > 1

    _, way = explore(fencing=True, bad=other_serves_after)
    assert way is not None


@pytest.mark.parametrize("grants", [lambda own: "", lambda own: "" if own.vip else may_grant(own)])
def test_a_right_that_is_given_away_too_soon_is_found(grants: Callable[[Own], str]) -> None:
    _, way = explore(fencing=True, grants=grants)
    assert way is not None


def test_a_host_that_does_not_fence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "decide", lambda own, peer, fencing: promoter_decide.decide(own, peer, fencing=False))
    assert explore(fencing=True)[1] is not None


def test_a_right_that_outlives_a_boot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "OFF", explorer.Host(on=False, right=True))
    assert explore(fencing=True)[1] is not None


def test_a_host_that_writes_without_the_right_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(own: Own, peer: promoter_decide.Peer | None, *, fencing: bool) -> promoter_decide.Decision:
        if own.vip and not own.active:
            return promoter_decide.Decision(promoter_decide.PROMOTE, "it has the VIP")
        return promoter_decide.decide(own, peer, fencing=fencing)

    monkeypatch.setattr(explorer, "decide", careless)
    assert explore(fencing=True)[1] is not None


#: Each took the right while neither heard the other, without fencing, and both have heard each other since. A serves.
APART = World(
    hosts=(
        explorer.Host(vip=True, active=True, right=True, term=2, met=True),
        explorer.Host(right=True, term=2, met=True, seen=explorer.Peer(active=True, vip=True, right=True, term=2)),
    ),
)


def test_two_rights_of_one_term_do_not_stay() -> None:
    """Fencing that is switched on later finds one right: B, which stands by, gives its own up as soon as it has heard
    A. With two of them nobody would be fenced.
    """
    given_up = dict(explorer.events(APART, fencing=True))["B gives an earlier right up"]
    assert explore(fencing=True, start=given_up)[1] is None
    assert explore(fencing=True, start=APART.with_host(1, seen="not yet"))[1] is not None


#: A serves, B stands by, and then the way between the two is cut; both hear everybody else.
CUT = World(
    hosts=(
        explorer.Host(vip=True, active=True, right=True, term=1, met=True),
        explorer.Host(term=1, met=True),
    ),
    link=False,
)


def by_the_cut_alone(words: str) -> bool:
    """The way stays cut, no host loses power by itself, and A, which hears no adverts, keeps the VIP."""
    return not any(part in words for part in ("link", "loses power", "boots", "leaves"))


def cut_leads_to(bad: Callable[[World], bool], *, fencing: bool) -> list[str] | None:
    """The shortest way from the cut."""
    return explore(fencing=fencing, bad=bad, start=CUT, happens=by_the_cut_alone)[1]


def test_a_cut_between_the_two_alone_with_fencing() -> None:
    """The stand-by serves once the writer is off; the writer fences nobody, and serves until then."""
    way = cut_leads_to(lambda world: world.hosts[1].active, fencing=True)
    assert way is not None
    assert way.index("B fences the other") < way.index("B takes the right by itself") < way.index("B takes writes")
    assert cut_leads_to(lambda world: world.hosts[1].active and world.hosts[0].on, fencing=True) is None
    assert cut_leads_to(lambda world: not world.hosts[1].on, fencing=True) is None
    assert cut_leads_to(lambda world: world.hosts[0].on and not world.hosts[0].active, fencing=True) is None


def test_a_cut_between_the_two_alone_without_fencing() -> None:
    """Both serve: the end of the way that the docs show."""
    way = cut_leads_to(explorer.two_writers, fencing=False)
    assert way is not None
    shown = explore(fencing=False)[1]
    assert shown is not None
    assert [words for words in way if "VIP" not in words] == shown[-4:]
