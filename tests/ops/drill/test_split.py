"""The drill that splits a pair: it takes a word of its own, mends what it made, and says what was lost by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.drill import command
from ops.drill.report import report_lines
from ops.drill.split import SplitDrill
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Answer
from ops.inventory import Inventory, parse
from ops.kinds.drbd.drills import SPLIT_BRAIN
from ops.ledger.writes import Attempt, Result, Session, served_by
from ops.status import look
from tests.ops import test_drbd as pair
from tests.ops.fakes import QUICK, FakePower, FakeShell, FakeWorkload

SAVED = "/var/lib/mariadb-ha/split-brain/20260101T000000Z.tar.gz"
APART = (
    replace(pair.alone(pair.WHOLE, "StandAlone"), role="Primary", mounted=True),
    pair.alone(pair.WHOLE, "StandAlone"),
)


class World(FakeShell):
    """Both hosts. Split by the cut, known to be so when it is mended, whole once nod1 was discarded."""

    def __init__(self) -> None:
        super().__init__({})
        self.state, self.serves_both = "whole", True

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        if "systemd-run" in script:
            return super().run(host, script, timeout=timeout)
        if "add table" in script:
            self.state = "cut"
        elif "delete table" in script and self.state == "cut":
            self.state = "split"
        elif "drbd-discard" in script:
            self.state = f"{host} discarded"
            self.log.append(f"{host}: discard")
            return Answer(reached=True, out=f"{host}: saved: {SAVED}, 12 KiB, of 40 KiB in files\n")
        elif "mountpoint" in script:
            return Answer(reached=True, code=0 if self.state == "cut" and self.serves_both else 1)
        if "CHECKSUM" in script:
            held = {"nod1 discarded": [1, 5, 6], "nod2 discarded": [1, 2, 3]}.get(self.state)
            self.rows = {"nod2": held} if held else {}
        return super().run(host, script, timeout=timeout)

    def _gist(self, script: str) -> str:
        if "systemd-run" in script:
            return "arm"
        for mark in ("fencing-disarmed", "add table", "delete table", "drbd-form", "drbdadm connect"):
            if mark in script:
                return f"rm {mark}" if script.startswith("rm") else mark
        return super()._gist(script)


class Clients(FakeWorkload):
    """One write before the fault; two that nod1 acknowledges afterwards, then three that nod2 does."""

    later: tuple[tuple[int, str], ...] = ((2, "nod1"), (3, "nod1"), (5, "nod2"), (6, "nod2"), (7, "nod2"))

    def start(self) -> None:
        """The first."""
        self.add(1, "nod1")

    def add(self, number: int, server: str) -> None:
        """An acknowledged write."""
        now = self.events.now()
        self.events.attempts.append(
            Attempt(number=number, client="w1", start=now, end=now, result=Result.ACKED, server=server)
        )

    def sessions(self) -> list[Session]:
        """None: each answer names its server."""
        return []


class FastSplit(SplitDrill):
    """On fakes; clients go on writing while both serve."""

    workload_type = Clients  # type: ignore[assignment]

    def _answers(self, host: str) -> bool:
        return True

    def sleep(self, seconds: float) -> None:
        """Time flies."""

    def event(self, workload: Any, words: str) -> float:
        """What clients do once both serve."""
        at = super().event(workload, words)
        if "serve both" in words:
            for number, server in Clients.later:
                workload.add(number, server)
        return at


def known(**details: Any) -> Inventory:
    data = pair.inventory().model_dump(mode="json")
    data["components"]["drbd"] |= {"kind": "drbd", "members": ["nod1", "nod2"], "vips": [pair.VIP], **details}
    data["access"] = {"run": ["true"], "client_addresses": ["127.0.0.1"]}
    return parse(data, "test")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    def gather(*_: Any, **__: Any) -> Mapping[str, HostFacts]:
        return pair.facts(*APART) if made.state == "split" else pair.facts()

    monkeypatch.setattr(look, "gather", gather)
    return made


def drill(world: World, tmp_path: Path, *, word: bool = True, **details: Any) -> FastSplit:
    made = FastSplit(
        inventory=known(**details),
        shell=world,
        power=FakePower(world.log),
        fault_kind=SPLIT_BRAIN,
        target=None,
        directory=tmp_path,
        say=lambda words: None,
        timing=QUICK,
    )
    made.lose_writes = word
    return made


def test_who_acknowledged_a_write_is_its_clients_session_then() -> None:
    sessions = [
        Session(client="w1", server="nod1", opened=1.0, broken=5.0),
        Session(client="w1", server="nod2", opened=6.0),
        Session(client="w2", server="nod1", opened=0.0),
    ]
    times = {1: ("w1", 2.0), 2: ("w1", 6.0), 3: ("w2", 9.0), 4: ("w1", 0.5)}
    attempts = [
        Attempt(number=number, client=client, start=at, end=at, result=Result.ACKED)
        for number, (client, at) in times.items()
    ]
    assert served_by(attempts, sessions) == {1: "nod1", 2: "nod2", 3: "nod1", 4: ""}


def test_without_the_word_nothing_is_touched(world: World, tmp_path: Path) -> None:
    with pytest.raises(OpsError) as refused:
        drill(world, tmp_path, word=False).check()
    assert refused.value.code is Exit.REFUSED
    assert "--lose-writes" in refused.value.todo
    assert world.log == []
    assert drill(world, tmp_path, word=False, split_brain_drill=True).check() == "nod1", "the settings have the word"


def test_all_drills_means_all_but_the_one_that_loses_writes() -> None:
    assert SPLIT_BRAIN not in command.faults_of(known())
    assert SPLIT_BRAIN in command.faults_of(known(split_brain_drill=True))
    assert command.fault_named(known(), "split-brain") == SPLIT_BRAIN


def test_course_and_what_the_report_says_was_lost(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The side with fewer acknowledged writes is saved and discarded; what the other one had is no such loss."""
    one = drill(world, tmp_path)
    one.check()
    outcome = one.run()
    steps = [line for line in world.changes() if line.split(": ")[1] not in ("create", "drop", "drop users")]
    order = [
        "nod1: arm",
        "nod1: fencing-disarmed",
        "nod2: fencing-disarmed",
        "nod1: add table",
        "nod1: delete table",
        "nod1: rm fencing-disarmed",
        "nod2: rm fencing-disarmed",
        "nod1: discard",
        "nod2: drbdadm connect",
    ]
    assert [step for step in steps if step in order] == order, steps
    said = outcome.as_json()
    assert (said["discarded"], said["saved"]) == ("nod1", SAVED)
    # 2 and 3 were nod1's; 7 was nod2's, and nothing excuses its loss.
    assert (said["writes_lost"], said["writes_given_up"], said["writes_lost_besides"]) == (3, 2, 1)
    assert said["passed"] is False
    text = "\n".join(report_lines(outcome))
    assert "2 of the lost writes: nod1 acknowledged them" in text and SAVED in text


def test_what_was_given_up_is_no_failure_where_it_is_saved(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clients, "later", ((2, "nod1"), (5, "nod2"), (6, "nod2")))
    one = drill(world, tmp_path)
    one.check()
    outcome = one.run()
    assert outcome.passed and len(outcome.verdict.lost) == 1, "lost it is, and said to be"
    assert not replace(outcome, saved="").passed
    assert not replace(outcome, discarded="").passed


def test_two_that_do_not_come_apart_are_linked_and_armed_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ops.drill import split

    monkeypatch.setattr(split, "APART", 0.05)
    world.serves_both = False
    one = drill(world, tmp_path)
    one.check()
    with pytest.raises(OpsError, match="did not come to serve both"):
        one.run()
    assert "nod1: delete table" in world.log and "nod2: rm fencing-disarmed" in world.log
    assert "nod1: discard" not in world.log
