"""A planned change of the host that serves, for the command line; with clients that write meanwhile, or without."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from ops.agree import ask, check_agreement
from ops.changing import only_change
from ops.component import Component, FaultKind, Handover
from ops.components import components_of
from ops.drill.before import check_health
from ops.drill.clients import DrillWorkload
from ops.drill.outcome import DrillMarks, Outcome
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell
from ops.ledger.addresses import check_addresses
from ops.ledger.compare import Held
from ops.ledger.lock import only_drill
from ops.ledger.recording import Recording
from ops.ledger.workload import Workload
from ops.paths import drills_dir
from ops.progress import Progress
from ops.run import Run
from ops.status.look import look

EFFECT = "a switchover ends the sessions of clients"
#: Patience for the program that hands over, in seconds: it waits until the other host has caught up.
PATIENCE = 600.0
#: Seconds of writes before and after.
BEFORE, AFTER, FIRST_WRITE = 5.0, 5.0, 60.0
SWITCHOVER = FaultKind(name="switchover", role="writer", host_words="host that serves", kills=False)


def planned(run: Run, to: str | None) -> tuple[Component, Handover | None]:
    """What is to be done; no handover: the host that is asked for serves already.

    Raises:
        OpsError: refused, with the reason.
    """
    facts = look(run.inventory, run.shell).facts
    for component in components_of(run.inventory).values():
        try:
            handover = component.handover(facts, to)
        except OpsError as error:
            if error.code is not Exit.GOOD:
                raise
            Progress(run.err)(error.what)
            return component, None
        if handover is not None:
            return component, handover
    words = f"no component of stack {run.stack} hands what it serves from one host to another"
    raise OpsError(words, "`hactl status` shows who serves", Exit.REFUSED)


def carry_out(shell: Shell, handover: Handover, say: Callable[[str], None]) -> list[str]:
    """The handover itself; the host's words.

    Raises:
        OpsError: the host refused, or could not be reached.
    """
    said: list[str] = []

    def passed_on(line: str) -> None:
        said.append(line)
        say(line if line.startswith(f"{handover.giver}: ") else f"{handover.giver}: {line}")

    answer = shell.follow(handover.giver, handover.script, timeout=PATIENCE, say=passed_on)
    if answer.good:
        return said
    if not answer.reached:
        words = f"{handover.giver}: {answer.error}; the switchover may still be at work there"
        raise OpsError(words, "look with `hactl status`, and run this again", Exit.UNREACHABLE)
    what, _, todo = (said[-1] if said else f"it ended with code {answer.code}").partition(". To do: ")
    raise OpsError(what, todo or "see `hactl status`", Exit.REFUSED)


def simple(run: Run, *, to: str | None, yes: bool) -> dict[str, Any]:
    """Without a ledger.

    Raises:
        OpsError: refused, not agreed to, or not done.
    """
    check_agreement(EFFECT, yes=yes)
    component, handover = planned(run, to)
    if handover is None:
        return {"stack": run.stack, "changed": False, "writer": to}
    ask(question(run, handover), EFFECT, yes=yes)
    with only_change(run):
        said = carry_out(run.shell, handover, Progress(run.err))
    return {"stack": run.stack, "changed": True, "component": component.name, "writer": handover.taker, "said": said}


def question(run: Run, handover: Handover) -> str:
    """What the user is asked."""
    return f"Let {handover.taker} take writes in place of {handover.giver}, stack {run.stack}? Sessions will end."


class Planned(Recording):
    """A handover while numbered writes go through the VIP. Runs once."""

    workload_type = DrillWorkload

    def __init__(self, *, run: Run, component: Component, handover: Handover) -> None:
        super().__init__(
            component=component,
            shell=run.shell,
            directory=drills_dir(run.stack, run.root),
            name=SWITCHOVER.name,
            say=Progress(run.err),
        )
        self.handover = handover
        self.marks: DrillMarks = DrillMarks()

    def course(self, workload: Workload) -> Held:
        """See `Recording.course`."""
        self.begin(workload)
        self.event(workload, f"{len(workload.clients)} clients started")
        self.sleep(BEFORE)
        self.wait_for_writes(workload, patience=FIRST_WRITE)
        giver, taker = self.handover.giver, self.handover.taker
        self.marks.fault = self.event(workload, f"switchover from {giver} to {taker} begins")
        carry_out(self.shell, self.handover, lambda words: void(self.event(workload, words)))
        self.wait_for_writes(workload, patience=FIRST_WRITE)
        self.marks.repair = self.event(workload, f"{giver} stands by")
        self.sleep(AFTER)
        self.end(workload)
        check_health(self.inventory, self.shell, patience=FIRST_WRITE)
        self.marks.healed = self.marks.repair
        return self.read(workload, every=True)

    def run(self) -> Outcome:
        """The whole course. See `Recording.record`."""
        workload, contents, uncleaned = self.record()
        return Outcome(
            fault_kind=SWITCHOVER,
            stack=self.inventory.stack,
            target=self.handover.giver,
            started_at=f"{self.started:%Y-%m-%dT%H:%M:%SZ}",
            promised_gap_s=self.inventory.promised_gap_s(self.component.name, SWITCHOVER.name),
            marks=self.marks,
            attempts=workload.events.attempts,
            failures=workload.events.failures,
            sessions=workload.sessions(),
            contents=contents,
            history=str(self.history_file),
            load=(self.load_before, os.getloadavg()[0]),
            uncleaned=uncleaned,
        )


def void(_: object) -> None:
    """Nothing: for a callback whose answer nobody wants."""


def measured(run: Run, *, to: str | None, yes: bool) -> Outcome | None:
    """With a ledger; None: the host that is asked for serves already.

    Raises:
        OpsError: refused, not agreed to, or not done.
    """
    check_agreement(EFFECT, yes=yes)
    check_addresses(run.inventory.access.client_addresses)
    with only_change(run), only_drill(drills_dir(run.stack, run.root)):
        component, handover = planned(run, to)
        if handover is None:
            return None
        recording = Planned(run=run, component=component, handover=handover)
        recording.store.refuse_another_drill()
        ask(question(run, handover), EFFECT, yes=yes)
        outcome = recording.run()
    recording.history_file.with_suffix(".json").write_text(json.dumps(outcome.as_json(), indent=1) + "\n")
    return outcome
