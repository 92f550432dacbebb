"""Late, silent and a plain no: who keeps a place among the directors' real servers. A day is played in seconds that are
only numbers: each server speaks once a second, at its own moment, and the director goes round five times a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from server_verdict import Heard, Patience, forget, kept, patience, settle

from plan.parts.checks import ejection
from settings.timers import values_by_profile

GIVEN = Patience()
#: What a server says at a moment: a status, or None while it is silent.
Says = Callable[[float], int | None]
STEP = 0.2


def played(says: Mapping[str, Says], seconds: float, given: Patience = GIVEN) -> dict[str, list[tuple[float, bool]]]:
    """By server when it went out (True) and came in again."""
    known = {name: Heard() for name in says}
    seen: dict[str, list[tuple[float, bool]]] = {name: [] for name in says}
    for turn in range(round(seconds / STEP)):
        now = turn * STEP
        before = {name: one.out for name, one in known.items()}
        for place, name in enumerate(says):
            if turn % 5 == place % 5 and (status := says[name](now)) is not None:
                known[name].says(status, [other for also, other in known.items() if also != name], now)
        settle(known, given, now)
        for name, one in known.items():
            if one.out != before[name]:
                seen[name].append((now, one.out))
    return seen


def always(status: int | None) -> Says:
    return lambda now: status


def between(start: float, end: float, status: int | None, otherwise: int = 200) -> Says:
    return lambda now: status if start <= now < end else otherwise


def outs(seen: Mapping[str, list[tuple[float, bool]]]) -> dict[str, list[bool]]:
    return {name: [out for _, out in turns] for name, turns in seen.items()}


FOREVER = float("inf")
STAY: list[bool] = []


@pytest.mark.parametrize(
    ("mdb2", "mdb3", "expected"),
    [
        pytest.param(between(10, FOREVER, None), between(10, FOREVER, None), (STAY, STAY), id="all silent for good"),
        pytest.param(between(10, 12, None), between(10, 12, None), (STAY, STAY), id="all stand still for 2 s"),
        pytest.param(between(10, 40, None), between(10, 40, None), (STAY, STAY), id="a long stall of all ends"),
        pytest.param(between(10, 40, None), between(10, 41.5, None), (STAY, STAY), id="it ends one after the other"),
        pytest.param(between(10, 40, None), between(10, FOREVER, None), (STAY, [True]), id="then one answers only"),
        pytest.param(always(200), between(10, FOREVER, None), (STAY, [True]), id="one silent for good"),
        pytest.param(always(200), between(10, 20, None), (STAY, [True, False]), id="one silent that comes back"),
        pytest.param(always(200), between(10, 12, None), (STAY, STAY), id="one silent for 2 s"),
        pytest.param(between(20, FOREVER, None), between(10, FOREVER, None), (STAY, [True]), id="the last one silent"),
        pytest.param(always(200), between(10, 13, 504), (STAY, STAY), id="late within patience"),
        pytest.param(always(200), between(10, FOREVER, 504), (STAY, [True]), id="one late for good"),
        pytest.param(between(10, FOREVER, 504), between(10, FOREVER, 504), (STAY, STAY), id="all late for good"),
        pytest.param(between(10, FOREVER, 504), between(10, FOREVER, None), (STAY, STAY), id="late beside silent"),
        pytest.param(always(200), between(10, FOREVER, 503), (STAY, [True]), id="one says no"),
        pytest.param(always(200), between(10, 11.5, 503), (STAY, STAY), id="a no that is taken back at once"),
        pytest.param(between(10, FOREVER, 503), between(10, FOREVER, 503), (STAY, STAY), id="all say no: weight 0"),
        pytest.param(between(10, FOREVER, 503), between(10, FOREVER, None), (STAY, STAY), id="no beside silence"),
        pytest.param(always(404), between(10, FOREVER, None), (STAY, STAY), id="drained beside silence"),
        pytest.param(
            between(15, FOREVER, 200, 404), between(10, FOREVER, None), (STAY, [True]), id="drained, then not"
        ),
    ],
)
def test_who_keeps_a_place(mdb2: Says, mdb3: Says, expected: tuple[list[bool], list[bool]]) -> None:
    seen = outs(played({"mdb2": mdb2, "mdb3": mdb3}, 60))
    assert (seen["mdb2"], seen["mdb3"]) == expected


@pytest.mark.parametrize("profile", ["classic", "lan", "wan"])
@pytest.mark.parametrize("moment", [10.0, 10.2, 10.4, 10.6, 10.8])
def test_one_that_is_silent_beside_others_is_out_within_the_promise(profile: str, moment: float) -> None:
    checks = values_by_profile()[profile].checks
    given = patience(
        {
            "CHECK_LOOP": str(checks.delay_loop),
            "CONNECT_TIMEOUT": str(checks.connect_timeout),
            "RETRY": str(checks.retry),
            "DELAY_BEFORE_RETRY": str(checks.delay_before_retry),
            "LATE_HOLD": str(checks.late_hold),
        }
    )
    promise = ejection(checks, refused=False)
    says = {"mdb2": always(200), "mdb3": between(moment, FOREVER, None), "mdb4": always(200)}
    seen = played(says, moment + promise + 5, given)
    assert [out for _, out in seen["mdb3"]] == [True]
    assert seen["mdb3"][0][0] - moment <= promise + STEP
    assert seen["mdb3"][0][0] - moment > promise - 2 - STEP, "no sooner than it is told"


def test_a_server_behind_a_closed_port_stands_in_for_nobody() -> None:
    one, other = Heard(), Heard(closed=True)
    known = {"mdb2": other, "mdb3": one}
    one.says(200, [other], 0.0)
    for now in range(1, 20):
        other.says(200, [one], float(now))
        assert settle(known, GIVEN, now + 0.1) == {}
    other.closed = False
    assert list(settle(known, GIVEN, 19.2)) == ["mdb3"]


def test_a_director_that_stood_still_counts_anew() -> None:
    """What was sent meanwhile arrives one after the other."""
    one, other = Heard(), Heard()
    known = {"mdb2": other, "mdb3": one}
    one.says(200, [other], 0.0)
    other.says(200, [one], 0.5)
    forget(known.values())
    other.says(200, [one], 30.0)
    assert settle(known, GIVEN, 30.0) == {}
    other.says(200, [one], 31.0)
    assert settle(known, GIVEN, 31.0) == {}
    other.says(200, [one], 32.6)
    assert list(settle(known, GIVEN, 32.6)) == ["mdb3"]


def test_a_refused_connection_is_a_plain_no_once_it_is_repeated() -> None:
    one, other = Heard(), Heard()
    one.says(200, [other], 0.0)
    one.turned_away(1, 0.5)
    assert one.status == 200
    other.says(200, [one], 0.9)
    one.turned_away(1, 1.0)
    assert one.status == 503, "weight 0"
    assert settle({"a": one, "b": other}, GIVEN, 1.1) == {}
    other.says(200, [one], 2.9)
    assert settle({"a": one, "b": other}, GIVEN, 3.1) == {"a": "it says no"}


def heard(answered: float, **more: float | bool) -> Heard:
    one = Heard(status=200, answered=answered)
    for name, value in more.items():
        setattr(one, name, value)
    return one


@pytest.mark.parametrize(
    ("mdb2", "mdb3", "expected"),
    [
        pytest.param(heard(99.5), heard(90.0), {}, id="another takes clients: it is out, or about to be"),
        pytest.param(heard(98.0), heard(98.2), {}, id="silent for less than its patience"),
        pytest.param(
            heard(90.0), heard(97.0), {"mdb2": ("silent", 90.0), "mdb3": ("silent", 97.0)}, id="all are silent"
        ),
        pytest.param(
            heard(90.0, late=99.0), heard(96.0, late=99.5), {"mdb2": ("late", 90.0)}, id="late is more patient"
        ),
        pytest.param(heard(99.5, status=503), heard(90.0), {"mdb3": ("silent", 90.0)}, id="silent beside a plain no"),
        pytest.param(heard(99.5, closed=True), heard(90.0), {"mdb3": ("silent", 90.0)}, id="beside a closed port"),
        pytest.param(heard(90.0, out=True), heard(90.0, status=404), {}, id="without clients nothing is kept"),
        pytest.param(Heard(asked=90.0), Heard(asked=99.0), {"mdb2": ("silent", None)}, id="not heard yet"),
    ],
)
def test_who_is_kept_for_want_of_another(mdb2: Heard, mdb3: Heard, expected: dict[str, object]) -> None:
    assert kept({"mdb2": mdb2, "mdb3": mdb3}, GIVEN, 100.0) == expected
