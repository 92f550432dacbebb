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
