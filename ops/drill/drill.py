"""One drill: a healthy stack, clients that write, a fault, its repair, a healthy stack again, and the ledger checked on
every node."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from ops.component import FaultKind
from ops.drill.before import check_fault, check_health, struck_component
from ops.drill.clients import DrillWorkload
from ops.drill.consent import check_consent
from ops.drill.faults import make_fault
from ops.drill.healing import Healing, answers_ssh
from ops.drill.outcome import DrillMarks, Outcome
from ops.drill.power import Power
from ops.drill.requests import RequestWorkload
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell
from ops.inventory import Inventory
from ops.ledger.compare import Held
from ops.ledger.recording import FRESH, Recording, Say
from ops.ledger.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Durations of a drill in seconds. `during` is the least: a longer gap is waited out up to `longest`."""

    before: float = 6.0
    during: float = 15.0
    longest: float = 60.0
    after: float = 5.0
    heal_stop: float = 600.0
    heal_kill: float = 1800.0
    poll: float = 3.0
    first_write: float = 60.0  # how long the first write of every client may take
    settle: float = 0.0  # how long an unhealthy stack may take to become healthy before the drill is refused
    fresh: float = FRESH
    margin: float = 120.0  # how long after the latest planned repair the armed one comes

    @property
    def armed(self) -> float:
        """Seconds until the repair comes by itself: never while the drill still wants the fault."""
        return max(self.during, self.longest) + self.margin


class Drill(Recording):
    """Runs once. `say` gets progress for people."""

    workload_type: type[Workload] = DrillWorkload

    def __init__(
        self,
        *,
        inventory: Inventory,
        shell: Shell,
        power: Power,
        fault_kind: FaultKind,
        target: str | None,
        directory: Path,
        say: Say,
        timing: Timing,
    ) -> None:
        component = struck_component(inventory, fault_kind, target)
        if component.pages() is not None:
            self.workload_type = RequestWorkload
        super().__init__(component=component, shell=shell, directory=directory, name=fault_kind.name, say=say)
        self.power = power
        self.fault_kind = fault_kind
        self.wanted = target
        self.target = target or ""
        self.fault = ""
        self.timing = timing
        self.fresh, self.read_pause = timing.fresh, timing.poll
        self.discarded = self.saved = ""
        self.marks: DrillMarks = DrillMarks()

    def check(self) -> str | None:
        """Looks before anything is touched. Gives the target where it is known by now.

        Raises:
            OpsError: the stack does not allow it or is not healthy, or this fault cannot be made here.
        """
        check_consent(self.inventory)
        check_fault(self.component, self.power, self.fault_kind, self.wanted)
        self.say("looking at the stack")
        facts = check_health(self.inventory, self.shell, patience=self.timing.settle)
        self.store.refuse_another_drill()
        if self.wanted is None:
            self.wanted = self.component.first_target(self.fault_kind, facts)
        return self.wanted

    def run(self) -> Outcome:
        """The whole drill; `check` has passed. Cleans up whatever happens.

        Raises:
            OpsError: it could not be run to its end; what could not be cleaned up is said.
            Interrupted: a signal ended it, after the cleanup.
        """
        workload, contents, uncleaned = self.record()
        return Outcome(
            fault_kind=self.fault_kind,
            fault=self.fault,
            stack=self.inventory.stack,
            target=self.target,
            started_at=f"{self.started:%Y-%m-%dT%H:%M:%SZ}",
            promised_gap_s=self.inventory.promised_gap_s(self.component.name, self.fault_kind.name),
            marks=self.marks,
            attempts=workload.events.attempts,
            failures=workload.events.failures,
            sessions=workload.sessions(),
            contents=contents,
            history=str(self.history_file),
            reads=workload.events.reads if self.read_endpoint else None,
            promised_read_gap_s=self.inventory.promised_reads_s(self.component.name, self.fault_kind.name),
            load=(self.load_before, os.getloadavg()[0]),
            uncleaned=uncleaned,
            noun=self.store.noun,
            discarded=self.discarded,
            saved=self.saved,
        )

    def course(self, workload: Workload) -> Held:
        """See `Recording.course`."""
        self.begin(workload)
        self.event(workload, f"{len(workload.clients)} clients started")
        self.sleep(self.timing.before)
        self.wait_for_writes(workload, patience=self.timing.first_write)
        self.target = self.wanted or self._busiest(workload)
        self._strike(workload)
        self._heal(workload)
        return self.read(workload, every=True)

    def _busiest(self, workload: Workload) -> str:
        serving = workload.serving()
        real = [host for host in self.component.targets(self.fault_kind) if serving[host]]
        if not real:
            by = ", ".join(serving) or "nobody"
            raise OpsError(
                f"clients were served by {by}, no real server of the inventory",
                "name the host with --target",
                Exit.REFUSED,
            )
        return max(real, key=lambda host: serving[host])

    def _strike(self, workload: Workload) -> None:
        fault = make_fault(
            self.fault_kind,
            self.component.stopped(self.fault_kind),
            self.target,
            self.shell,
            self.power,
            self.component.scripted(self.fault_kind, self.target),
            seconds=self.timing.armed,
        )
        self.fault = fault.words
        self.cleanup.add(f"repairing: {fault.words}", fault.undo, by_hand=fault.by_hand)
        fault.arm()
        self.event(workload, f"armed, should hactl be killed: {fault.by_hand}, {self.timing.armed:.0f} s from now")
        serving = ", ".join(f"{host} {count}" for host, count in sorted(workload.serving().items()))
        self.marks.fault = self.event(workload, f"fault begins: {fault.words} (sessions: {serving})")
        fault.make()
        began = self.event(workload, "fault is in force")
        self.sleep(self.timing.during)
        while not self.flowing(workload) and workload.events.now() - began < self.timing.longest:
            self.sleep(1.0)
        if not self.flowing(workload):
            longest = f"{self.timing.longest:.0f} s"
            self.event(workload, f"no {self.store.noun} was acknowledged for {longest}: going on with the repair")
        self.marks.repair = self.event(workload, f"repair begins: {fault.by_hand}")
        fault.undo()
        self.cleanup.done(f"repairing: {fault.words}")

    def _heal(self, workload: Workload) -> None:
        patience = self.timing.heal_kill if self.fault_kind.kills else self.timing.heal_stop
        healing = Healing(
            component=self.component,
            shell=self.shell,
            fault_kind=self.fault_kind,
            target=self.target,
            answers=self._answers,
        )
        start = time.monotonic()
        told = ""
        while wrong := healing.up() or self._look(healing, workload):
            if time.monotonic() - start > patience:
                self.event(workload, f"not healthy after {patience:.0f} s: {wrong}")
                break
            if wrong != told:
                self.event(workload, f"waiting: {wrong}")
                told = wrong
            self.sleep(self.timing.poll)
        else:
            self.marks.healed = self.event(workload, "healthy again")
        self.sleep(self.timing.after)
        self.end(workload)

    def _look(self, healing: Healing, workload: Workload) -> str:
        if self.marks.watched is None:
            self.event(workload, f"{self.target} is up, the others get {healing.pause():g} s to notice")
            self.sleep(healing.pause())
        self.marks.watched = workload.events.now()
        return healing.wrong()

    def _answers(self, host: str) -> bool:
        return answers_ssh(self.inventory.hosts[host])
