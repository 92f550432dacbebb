"""Reports for people: the plot, the drill's report, the measured one."""

from __future__ import annotations

from typing import Any

import pytest

from ops.drill.measured import markdown
from ops.drill.outcome import DrillMarks, Outcome
from ops.drill.report import report_lines
from ops.kinds.directors.drills import DIRECTOR_KILL
from ops.ledger.plot import bars, counts, plot_gap
from ops.ledger.store import Contents
from ops.ledger.writes import Attempt, Result, Session
from tests.ops import stack


def outcome(**changes: Any) -> Outcome:
    """Ten writes a second, but none from 10.0 to 12.0; fault at 10.05, repair at 20, healed at 25."""
    ends = [n / 10 for n in range(1, 300) if not 100 < n < 120]
    attempts = [
        Attempt(number=n, client=f"w{n % 2 + 1}", start=end - 0.01, end=end, result=Result.ACKED)
        for n, end in enumerate(ends, 1)
    ]
    held = Contents(numbers=tuple(a.number for a in attempts), checksum="1", digest="x")
    fields: dict[str, Any] = {
        "fault_kind": DIRECTOR_KILL,
        "stack": "dev",
        "target": "ha1",
        "started_at": "2026-01-01T00:00:00Z",
        "promised_gap_s": 1.08,
        "marks": DrillMarks(
            fault=10.05, repair=20.0, healed=25.0, end=29.9, events=[(10.05, "fault begins"), (25.0, "healthy again")]
        ),
        "attempts": attempts,
        "failures": [(10.5, "write: lost"), (3.0, "hold: lost")],
        "sessions": [
            Session(client="h1", server="mdb2", opened=0.1, broken=10.9),
            Session(client="h2", server="mdb2", opened=0.1),
        ],
        "contents": {"mdb1": held, "mdb2": held, "mdb3": held},
        "history": "x.jsonl",
    }
    return Outcome(**fields | changes)


def test_figures() -> None:
    data = outcome().as_json()
    assert data["write_gap_s"] == pytest.approx(2.0)
    assert data["baseline_gap_s"] == pytest.approx(0.1)
    assert data["failback_gap_s"] == pytest.approx(0.1)
    assert data["client_gap_s"] == pytest.approx({"w1": 2.1, "w2": 2.2}, abs=0.15)
    assert (data["client_errors"], data["client_errors_before"]) == (1, 1)
    assert (data["sessions_open"], data["sessions_broken"]) == (2, 1)
    assert data["heal_s"] == 5.0
    assert data["passed"] is True


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({"marks": DrillMarks(fault=10.05, repair=20.0, end=29.9)}, False),
        ({"contents": {}}, False),
        ({"contents": {"mdb1": None}}, False),
        ({"attempts": []}, False),
        ({"promised_gap_s": 0.01}, True),  # a long gap is shown, not judged
    ],
)
def test_passing(changes: dict[str, Any], passed: bool) -> None:
    assert outcome(**changes).passed is passed


def test_report() -> None:
    text = "\n".join(report_lines(outcome()))
    assert "director-kill of ha1, stack dev, 2026-01-01T00:00:00Z: PASSED" in text
    assert "2.00 s, promised 1.08 s: 0.92 s longer" in text
    assert "1 broken" in text
    assert "+14.95  healthy again" in text


def test_report_of_a_failure_names_what_is_wrong() -> None:
    whole = outcome()
    short = Contents(numbers=tuple(a.number for a in whole.attempts[1:]), checksum="2", digest="y")
    text = "\n".join(report_lines(outcome(contents={**whole.contents, "mdb3": short}, uncleaned=["dropping failed"])))
    assert "FAILED" in text
    assert "lost: write 1" in text
    assert "nodes equal        NO" in text
    assert "NOT CLEANED UP     dropping failed" in text


def test_report_of_a_drill_that_ended_early() -> None:
    assert "FAILED" in report_lines(outcome(marks=DrillMarks(), attempts=[], contents={}))[0]


def test_plot_shows_the_hole_where_it_is() -> None:
    lines = plot_gap([a.end for a in outcome().attempts], fault=10.05, gap_start=10.0, gap_end=12.0)
    hole = lines[0].index("·")
    assert lines[0].count("·") in (7, 8)  # two seconds in quarters
    assert abs(lines[1].index("F") - hole) <= 1
    assert lines[1].index("A") == hole + lines[0].count("·")


def test_a_long_gap_still_fits() -> None:
    lines = plot_gap([0.0, 600.0], fault=1.0, gap_start=0.0, gap_end=600.0)
    assert len(lines[0]) <= 101


def test_bars() -> None:
    assert counts([0.1, 0.2, 0.3, 2.0], 0, 1) == [2, 1, 0, 0]
    assert bars([0, 1, 8]) == "·▁█"
    assert bars([0, 0]) == "··"


def test_measured() -> None:
    run = outcome().as_json()
    text = markdown(
        stack.inventory(),
        {"director-kill": [run, run | {"write_gap_s": 3.0}], "director-stop": []},
        failed={"director-stop": ["the stack is not healthy"]},
        reports=["a report"],
        versions={"MariaDB": "10.11"},
        date="2026-01-01",
    )
    assert "| director-kill | 2 | 1.08 | 2.50 (2.00–3.00) |" in text
    assert "**director-stop could not be run**: the stack is not healthy" in text
    assert "MariaDB 10.11" in text


def test_reads_where_they_have_an_endpoint_of_their_own() -> None:
    """Ten reads a second of each of two clients; one of them pauses from 12 to 13, and both from 15 to 15.5."""
    times = [n / 10 for n in range(300) if not 150 < n < 155]
    reads = [(at, "r1") for at in times] + [(at, "r2") for at in times if not 12.0 < at < 13.0]
    failures = [(12.1, "read: lost"), (12.2, "read, connect: refused"), (12.3, "write: lost"), (1.0, "read: early")]
    made = outcome(reads=reads, promised_read_gap_s=1.5, failures=failures)
    data = made.as_json()
    assert data["read_gap_s"] == pytest.approx(0.5)
    assert data["client_read_gap_s"] == pytest.approx(1.0)
    assert data["read_errors"] == 2
    assert 0 < data["reads_served_fault"] < data["reads_served"] == len(reads)
    text = "\n".join(report_lines(made))
    assert "1.00 s for a single one (promised 1.50 s, and up to 0.23 s of a client's own)" in text
    assert not outcome(reads=[]).passed, "nobody could read"
    assert "reads_served" not in outcome().as_json()
