"""`hactl ledger` on fakes: what it needs, what ends it, what it finds, and that it always cleans up."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ops.errors import Exit, Interrupted, OpsError
from ops.hosts.shell import Answer
from ops.ledger import watch
from ops.ledger.addresses import clients_component
from ops.ledger.outcome import LedgerOutcome
from ops.ledger.watch import Watch
from ops.ledger.writes import Attempt, Result
from tests.ops import stack
from tests.ops.fakes import FakeShell, FakeWorkload

ROWS = {"mdb1": [1, 2, 3], "mdb2": [1, 2, 3], "mdb3": [1, 2, 3]}


class PooledFake(FakeWorkload):
    """Clients that wrote three rows; a test may say what else their pools saw."""

    seen: ClassVar[Counter[str]] = Counter(opened=3)
    failures: tuple[tuple[float, str], ...] = ()

    def start(self) -> None:
        """Writes, and fails as told."""
        super().start()
        self.events.failures += self.failures

    def counts(self) -> Counter[str]:
        """As told."""
        return self.seen


class Mute(PooledFake):
    """Clients that cannot write."""

    def start(self) -> None:
        """Fails."""
        self.events.failures.append((0.0, "connect: timed out"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends at once, waits for nothing."""
    monkeypatch.setattr(watch, "wait_for_end", lambda seconds, meanwhile: meanwhile() or "Enter")
    monkeypatch.setattr(watch, "START_PATIENCE", 0.05)


def fake_watch(
    tmp_path: Path, shell: FakeShell, workload: type[FakeWorkload] = PooledFake, said: list[str] | None = None
) -> Watch:
    made = Watch(
        component=clients_component(stack.inventory()),
        shell=shell,
        directory=tmp_path,
        say=(said if said is not None else []).append,
        seconds=None,
    )
    made.workload_type = workload  # type: ignore[assignment]
    made.fresh, made.read_pause = 1e9, 0.0
    return made


def test_course(tmp_path: Path) -> None:
    """The ledger is made, written, read on every node and dropped; nothing else is touched, and nobody asks whether the
    stack is healthy."""
    shell, said = FakeShell(ROWS), list[str]()
    made = fake_watch(tmp_path, shell, said=said)
    made.check()
    outcome = made.run()
    assert shell.changes() == ["mdb2: drop", "mdb2: create", "mdb2: drop"]
    data = outcome.as_json()
    assert (data["passed"], data["writes_acked"], data["nodes_equal"], data["nodes_silent"], data["ended_by"]) == (
        True,
        3,
        True,
        [],
        "Enter",
    )
    assert any("clients started" in words for words in said)


CONTRACT = {
    "stack", "started_at", "ended_by", "passed", "counts", "duration_s", "write_gap_s", "write_gap_at_s",
    "client_gap_s", "slowest_write_s", "writes_acked", "writes_refused", "writes_unknown", "writes_lost",
    "writes_duplicated", "writes_phantom", "writes_stranger", "failed_connections", "failed_writes", "retried",
    "sessions_opened", "sessions_recycled", "sessions_replaced", "sessions_by_server", "nodes_equal", "nodes_silent",
    "nodes", "failures", "timeline", "load_average", "history", "uncleaned",
}  # fmt: skip


def test_the_result_has_the_promised_keys(tmp_path: Path) -> None:
    assert fake_watch(tmp_path, FakeShell(ROWS)).run().as_json().keys() == CONTRACT


@pytest.mark.parametrize(
    ("rows", "lost", "equal", "silent", "passed"),
    [
        (
            {"mdb1": [1, 2, 3], "mdb2": [1, 2, 3]},
            0,
            True,
            ["mdb3"],
            True,
        ),  # a node that is down does not count, and is named
        ({**ROWS, "mdb3": [1, 3]}, 1, False, [], False),
        ({**ROWS, "mdb1": [1, 2, 3, 3]}, 0, False, [], False),
        ({}, 0, False, ["mdb2", "mdb3", "mdb1"], False),
    ],
)
def test_what_the_nodes_hold(
    rows: dict[str, list[int]], lost: int, equal: bool, silent: list[str], passed: bool, tmp_path: Path
) -> None:
    outcome = fake_watch(tmp_path, FakeShell(rows)).run()
    data = outcome.as_json()
    assert (data["writes_lost"], data["nodes_equal"], data["nodes_silent"], data["passed"]) == (
        lost,
        equal,
        silent,
        passed,
    )
    assert "\n".join(outcome.lines()).count("did not answer") == len(silent)


@pytest.mark.parametrize(
    ("seen", "passed"),
    [
        (Counter(opened=9, replaced=3, recycled=3, retried=2), True),  # what a pool keeps from its application
        (Counter(opened=3, connect=1), False),
        (Counter(opened=3, write=1), False),
    ],
)
def test_what_the_clients_saw(
    seen: Counter[str], passed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PooledFake, "seen", seen)
    monkeypatch.setattr(PooledFake, "failures", ((0.5, "connect: refused"),) if seen["connect"] else ())
    outcome = fake_watch(tmp_path, FakeShell(ROWS)).run()
    data = outcome.as_json()
    assert data["passed"] is passed
    assert (data["failed_connections"], data["failed_writes"]) == (seen["connect"], seen["write"])
    assert (data["sessions_replaced"], data["sessions_recycled"], data["retried"]) == (
        seen["replaced"],
        seen["recycled"],
        seen["retried"],
    )
    assert ("FAILED connect: refused" in "\n".join(outcome.lines())) is bool(seen["connect"])


def test_nothing_is_recorded_when_nobody_can_write(tmp_path: Path) -> None:
    shell = FakeShell(ROWS)
    with pytest.raises(OpsError, match=r"cannot write through 172\.16\.21\.188.*connect: timed out") as caught:
        fake_watch(tmp_path, shell, Mute).run()
    assert caught.value.code is Exit.UNHEALTHY
    assert shell.changes()[-1] == "mdb2: drop"


def test_refuses_company(tmp_path: Path) -> None:
    shell = FakeShell(ROWS)
    shell.fail["others"] = Answer(reached=True, out="6\n")
    with pytest.raises(OpsError, match="is writing") as caught:
        fake_watch(tmp_path, shell).check()
    assert caught.value.code is Exit.REFUSED


@pytest.mark.parametrize("moment", ["create", "read"])
def test_a_signal_outside_the_recording_ends_it_cleanly(moment: str, tmp_path: Path) -> None:
    shell = FakeShell(ROWS)
    shell.on[moment] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Interrupted):
        fake_watch(tmp_path, shell).run()
    assert shell.changes()[-1] == "mdb2: drop"


def test_progress_tells_failures_at_once(tmp_path: Path) -> None:
    said: list[str] = []
    made = fake_watch(tmp_path, FakeShell(ROWS), said=said)
    workload: Any = PooledFake(None, [], None)  # type: ignore[arg-type]
    made._told = (0.0, 0)
    made._progress(workload)
    assert said.pop().startswith("0 writes acknowledged")
    workload.events.failures += [(1.0, "write: lost"), (1.1, "connect: refused")]
    made._progress(workload)
    made._progress(workload)
    assert said == ["2 failed: connect: refused"]


def test_gaps() -> None:
    """From the first acknowledgement to the clients' end; of busy clients one by one."""
    ends = [(1.0, "b1"), (1.2, "b2"), (4.0, "b1"), (4.1, "b2"), (4.2, "i1"), (4.4, "b1")]
    outcome = LedgerOutcome(
        stack="dev",
        started_at="2026-01-01T00:00:00Z",
        ended_by="Enter",
        marks=watch.Marks(end=5.0),
        counts={},
        attempts=[
            Attempt(number=n, client=c, start=t - 0.5, end=t, result=Result.ACKED) for n, (t, c) in enumerate(ends)
        ],
        failures=[],
        sessions=[],
        contents={},
        history="x",
    )
    data = outcome.as_json()
    assert (data["write_gap_s"], data["write_gap_at_s"], data["slowest_write_s"]) == (2.8, 1.2, 0.5)
    assert data["client_gap_s"] == {"b1": 3.0, "b2": 2.9}
    assert "G gap begins" in "\n".join(outcome.lines())


def test_a_node_that_is_down_is_asked_once(tmp_path: Path) -> None:
    """Each question to it costs the patience of SSH."""

    class OneDown(FakeShell):
        def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
            answer = super().run(host, script, timeout=timeout)
            return Answer(reached=False, error="no route") if host == "mdb2" else answer

    shell = OneDown({"mdb1": [1, 2, 3], "mdb3": [1, 2, 3]})
    data = fake_watch(tmp_path, shell).run().as_json()
    assert (data["passed"], data["nodes_silent"]) == (True, ["mdb2"])
    assert [line for line in shell.log if line.startswith("mdb2: ")] == ["mdb2: accounts", "mdb2: read"]
