"""Whose data are served, after any order of power cuts and cut links: all that was acknowledged, by one host."""

from __future__ import annotations

from dataclasses import replace

import pytest
from resource_drbd import Resource

from tests.programs.drbd import explorer
from tests.programs.drbd.explorer import INCONSISTENT, Host, World, explore, hindered


def two_primaries(world: World) -> bool:
    return all(host.active for host in world.hosts)


def serves_old_data(world: World) -> bool:
    """Somebody serves who lacks what was acknowledged, or only has half of it."""
    return any(host.active and (not host.newest or host.disk == INCONSISTENT) for host in world.hosts)


@pytest.mark.parametrize("bad", [two_primaries, serves_old_data])
def test_with_fencing_one_host_serves_and_it_has_all(bad: object) -> None:
    worlds, way = explore(bad, fencing=True)  # type: ignore[arg-type]
    assert way is None
    assert worlds > 500, "the model has hardly moved"


def test_without_fencing_a_cut_of_all_links_leaves_two() -> None:
    _, way = explore(two_primaries, fencing=False)
    assert way is not None and "the link breaks" in way


def test_without_fencing_power_cuts_alone_leave_one_and_it_has_all() -> None:
    """Only a cut link makes a split: the power may go and come back anywhere, in any order."""

    def passing(words: str) -> bool:
        return words != "the link breaks"

    for bad in (two_primaries, serves_old_data):
        assert explore(bad, fencing=False, passing=passing)[1] is None


@pytest.mark.parametrize("fencing", [True, False])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("order", ["AB", "BA"])
def test_power_cut_of_both_in_either_order_of_return(order: str, last: int, fencing: bool) -> None:
    """Host `last` had written alone, or both have all: exactly one comes to serve, and only with all data."""
    for newest in ((last == 0, last == 1), (True, True)):
        gone = (Host(on=False, newest=newest[0]), Host(on=False, newest=newest[1]))
        dark = World(hosts=gone)
        first = "AB".index(order[0])
        waits = dark.to(first, on=True)
        alone, way = explore(lambda w: any(h.active for h in w.hosts), fencing=fencing, start=waits, passing=stays)
        assert way is None, "back alone it cannot know whether the other one has newer data"
        assert alone >= 1
        back = waits.to(1 - first, on=True)
        _, way = explore(lambda w: any(h.active for h in w.hosts), fencing=fencing, start=back, passing=stays)
        assert way is not None, "one of them serves again"
        for bad in (two_primaries, serves_old_data):
            assert explore(bad, fencing=fencing, start=back, passing=stays)[1] is None


def stays(words: str) -> bool:
    """No further power cut, boot or cut link."""
    return not ("power" in words or "boots" in words or "link" in words)


def test_power_cut_of_the_source_of_a_resync() -> None:
    """The other one has half of it: it is never promoted. Back, the source serves before the resync has ended."""
    begun = World(hosts=(Host(synced=True, met=True), Host(disk=INCONSISTENT, newest=False)), connected=True, source=0)
    dark = begun.off(0)

    def other_serves(world: World) -> bool:
        return world.hosts[1].active

    assert explore(other_serves, fencing=True, start=dark, passing=lambda words: words != "A boots")[1] is None

    def first_serves_meanwhile(world: World) -> bool:
        return world.hosts[0].active and world.source == 0

    _, way = explore(first_serves_meanwhile, fencing=True, start=dark.to(0, on=True), passing=stays)
    assert way is not None and way[-1] == "A is promoted"


def test_a_model_without_the_resources_word_finds_old_data() -> None:
    assert explore(serves_old_data, fencing=True, hinders=lambda world, index: "")[1] is not None


def test_a_mark_that_outlives_a_boot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        explorer, "hindered", lambda world, index: hindered(world.to(index, synced=True, met=True), index)
    )
    assert explore(serves_old_data, fencing=True, hinders=explorer.hindered)[1] is not None


def test_half_data_that_count_as_whole_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Resource, "unfit", lambda *_: "")
    monkeypatch.setattr(Resource, "behind", lambda *_: "")
    found = explore(lambda world: any(h.active and h.disk == INCONSISTENT for h in world.hosts), fencing=True)
    assert found[1] is not None


def test_one_power_off_serves_the_promoter_and_the_kernel() -> None:
    """The other host may be switched on in between: it is not powered off once more."""
    begun = World(hosts=(Host(synced=True, met=True), Host(on=False)))
    [(_, promoted)] = explorer.promoted(begun.to(0, fenced=True), 0, fencing=True)
    back = begun.to(0, fenced=True).to(1, on=True)
    [(_, after)] = explorer.promoted(replace(back, link=False), 0, fencing=True)
    assert promoted.hosts[0].active and after.hosts[0].active and after.hosts[1].on


def test_a_mark_that_outlives_a_question_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host that is answered may serve from then on: it must not count as powered off."""
    events = explorer.events

    def forgetful(world: World, **more: bool) -> list[explorer.Step]:
        found = []
        for words, after in events(world, **more):
            if words.endswith("hears the other"):
                for index, host in enumerate(world.hosts):
                    after = after.to(index, fenced=host.fenced)
            found.append((words, after))
        return found

    monkeypatch.setattr(explorer, "events", forgetful)
    assert any(explore(bad, fencing=True)[1] for bad in (two_primaries, serves_old_data))


def test_a_host_that_counts_as_in_sync_before_it_is_heard_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """DRBD may connect before the promoters speak, while the other host still takes this one for powered off."""
    events = explorer.events

    def early(world: World, **more: bool) -> list[explorer.Step]:
        found = list(events(world, **more))
        for index, host in enumerate(world.hosts):
            now = explorer.seen(world, index)
            if host.on and (now.in_sync or now.source) and not host.synced:
                found.append((f"{'AB'[index]} sees too early that it has all", world.to(index, synced=True)))
        return found

    monkeypatch.setattr(explorer, "events", early)
    assert explore(serves_old_data, fencing=True)[1] is not None


def test_the_way_back_is_told() -> None:
    start = replace(World(), hosts=(Host(on=False), Host()))
    _, way = explore(lambda world: world.hosts[0].on, fencing=True, start=start)
    assert way == ["A boots"]
