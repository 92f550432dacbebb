"""The checker and the gaps, on histories whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.ledger.history import History, attempt_record
from ops.ledger.writes import Attempt, Result, Session, acks, broken_sessions, check, longest_gap, open_sessions


def attempt(number: int, result: Result = Result.ACKED, *, client: str = "w1", end: float | None = None) -> Attempt:
    at = float(number) if end is None else end
    return Attempt(number=number, client=client, start=at - 0.01, end=at, result=result)


HISTORY = [attempt(1), attempt(2), attempt(3, Result.UNKNOWN), attempt(4, Result.REFUSED), attempt(5)]


@pytest.mark.parametrize(
    ("present", "lost", "duplicated", "phantom", "stranger"),
    [
        ({"a": [1, 2, 5], "b": [1, 2, 5]}, [], [], [], []),
        ({"a": [1, 2, 3, 5], "b": [5, 3, 2, 1]}, [], [], [], []),  # an unknown write may be there
        ({"a": [1, 2, 5], "b": [1, 5]}, [2], [], [], []),  # missing on one node is lost
        ({"a": [], "b": []}, [1, 2, 5], [], [], []),
        ({"a": [1, 2, 2, 5], "b": [1, 2, 2, 5]}, [], [2], [], []),
        ({"a": [1, 2, 4, 5], "b": [1, 2, 4, 5]}, [], [], [4], []),  # refused, yet there
        ({"a": [1, 2, 5, 99], "b": [1, 2, 5]}, [], [], [], [99]),
    ],
)
def test_check(
    present: dict[str, list[int]], lost: list[int], duplicated: list[int], phantom: list[int], stranger: list[int]
) -> None:
    verdict = check(HISTORY, present)
    assert sorted(verdict.lost) == lost
    assert sorted(verdict.duplicated) == duplicated
    assert sorted(verdict.phantom) == phantom
    assert sorted(verdict.stranger) == stranger
    assert verdict.good is not bool(lost or duplicated or phantom or stranger)


@given(st.lists(st.sampled_from(list(Result)), max_size=40), st.data())
def test_exactly_the_dropped_acknowledged_writes_are_lost(results: list[Result], data: st.DataObject) -> None:
    history = [attempt(n, result) for n, result in enumerate(results, 1)]
    acked = [a.number for a in history if a.result is Result.ACKED]
    dropped = data.draw(st.sets(st.sampled_from(acked))) if acked else set()
    kept = [n for n in acked if n not in dropped]
    assert check(history, {"a": acked, "b": kept}).lost == dropped


@pytest.mark.parametrize(
    ("times", "start", "end", "gap"),
    [
        ([1, 2, 3, 6, 7], 3.5, 7, (3, 6)),  # begins at the last write before the fault
        ([1, 2, 3, 6, 7], 0, 7, (3, 6)),
        ([1, 2, 3], 3, 10, (3, 10)),  # never came back
        ([1, 2, 3, 12], 3, 10, (3, 12)),  # came back after the window
        ([], 5, 9, (5, 9)),
        ([6], 5, 6.5, (5, 6)),
        ([1, 4, 4.3, 4.4], 4, 4.4, (4, 4.3)),  # the pause before the window is not the fault's
    ],
)
def test_longest_gap(times: list[float], start: float, end: float, gap: tuple[float, float]) -> None:
    found = longest_gap(times, start, end)
    assert (found.start, found.end) == pytest.approx(gap)


@given(st.lists(st.floats(0, 100), max_size=30).map(sorted), st.floats(0, 100), st.floats(0, 100))
def test_no_write_is_acknowledged_inside_a_gap(times: list[float], a: float, b: float) -> None:
    start, end = min(a, b), max(a, b)
    gap = longest_gap(times, start, end)
    assert gap.length >= 0
    assert not [t for t in times if gap.start < t < gap.end]


def test_acks_are_of_all_clients_or_of_one() -> None:
    history = [attempt(1, end=2.0), attempt(2, client="w2", end=1.0), attempt(3, Result.UNKNOWN)]
    assert acks(history) == [1.0, 2.0]
    assert acks(history, "w2") == [1.0]


def test_sessions() -> None:
    sessions = [
        Session(client="h1", server="mdb2", opened=1, broken=12),
        Session(client="h2", server="mdb3", opened=1),
        Session(client="w1", server="mdb2", opened=1, broken=11, gave_up=True),
        Session(client="w2", server="mdb2", opened=11, broken=13),  # opened after the fault
        Session(client="w3", server="mdb2", opened=1, broken=5),  # died before it
    ]
    assert len(open_sessions(sessions, 10)) == 3
    assert [s.client for s in broken_sessions(sessions, 10, 20)] == ["h1"]
    assert [s.client for s in broken_sessions(sessions, 10, 20, gave_up=True)] == ["w1"]


def test_a_history_is_kept_line_by_line_while_it_happens(tmp_path: Path) -> None:
    history = History(tmp_path / "drills" / "x.jsonl")
    for entry in HISTORY:
        history.add("attempt", attempt_record(entry))
    history.add("event", {"at": 1, "event": "x"})
    lines = [
        json.loads(line) for line in history.path.read_text().splitlines()
    ]  # not closed: as a killed drill leaves it
    history.close()
    history.add("event", {"at": 2, "event": "too late"})
    assert [Attempt(**{key: line[key] for key in line if key != "kind"}) for line in lines[:-1]] == HISTORY
    assert lines[-1] == {"kind": "event", "at": 1, "event": "x"}
    assert len(history.path.read_text().splitlines()) == len(lines)
