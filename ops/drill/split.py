"""The drill that makes two hosts serve apart from each other, and mends it as an operator would: the side with fewer
acknowledged writes is saved and discarded. What that side acknowledged is lost, and the report says so."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from ops.component import Parting
from ops.drill.drill import Drill
from ops.drill.faults import make_fault
from ops.errors import Exit, OpsError
from ops.ledger.workload import Workload
from ops.ledger.writes import Result, served_by
from ops.splitbrain.resolve import carry_out
from ops.status import look

#: Seconds until both hosts serve, and until they know, linked again, that their data went apart.
APART, FOUND = 300.0, 300.0


class SplitDrill(Drill):
    """See the module. `check` refuses it where neither the command line nor the settings have the word for it."""

    lose_writes = False

    def check(self) -> str | None:
        """See `Drill.check`."""
        if not (self.lose_writes or self.component.may_split):
            raise OpsError(
                f"{self.fault_kind} has both hosts acknowledge writes apart from each other, and those of one of them"
                f" are lost when it ends: it takes a word of its own",
                "say --lose-writes, if none of the stack's clients matter",
                Exit.REFUSED,
            )
        return super().check()

    def _strike(self, workload: Workload) -> None:
        parting = self.component.parting(self.fault_kind)
        if parting is None:
            raise OpsError(f"{self.component.name} has no hosts that could be parted", "choose another", Exit.REFUSED)
        fault = make_fault(
            self.fault_kind,
            None,
            self.target,
            self.shell,
            self.power,
            self.component.scripted(self.fault_kind, self.target),
            seconds=self.timing.armed + APART,
        )
        self.fault = fault.words
        self.cleanup.add(f"repairing: {fault.words}", fault.undo, by_hand=fault.by_hand)
        fault.arm()
        self.cleanup.add("arming fencing", lambda: self._on_both(parting, parting.arm), by_hand="it is armed by itself")
        self._on_both(parting, parting.disarm)
        self.marks.fault = self.event(workload, f"fault begins: {fault.words}")
        fault.make()
        self._until(APART, lambda: self._both(parting), f"{' and '.join(parting.hosts)} did not come to serve both")
        self.event(workload, f"{' and '.join(parting.hosts)} serve both, apart from each other")
        self.cleanup.add("mending the split", self._left, by_hand="`hactl status`; `hactl split-brain resolve`")
        self.sleep(self.timing.during)
        self.marks.repair = self.event(workload, f"repair begins: {fault.by_hand}")
        fault.undo()
        self.cleanup.done(f"repairing: {fault.words}")
        self._on_both(parting, parting.arm)
        self.cleanup.done("arming fencing")
        self._until(FOUND, self._known, "the two do not say that their data went apart")
        self.event(workload, "found: their data went apart (hactl status says so)")
        self._resolve(workload, parting)

    def _resolve(self, workload: Workload, parting: Parting) -> None:
        facts = look.look(self.inventory, self.shell).facts
        acked = self._acknowledged(workload)
        discard = min(parting.hosts, key=lambda host: acked[host])
        counted = ", ".join(f"{host} {acked[host]}" for host in parting.hosts)
        self.event(workload, f"acknowledged since the fault: {counted}; hactl split-brain resolve --discard {discard}")
        resolution = self.component.resolution(discard, facts)
        if resolution is None:
            raise OpsError(f"{discard} cannot be discarded", "see `hactl status`", Exit.UNHEALTHY)
        self.discarded = discard
        for words in carry_out(self.shell, resolution, self.say):
            _, found, rest = words.partition("saved: ")
            self.saved = rest.partition(",")[0] if found else self.saved
        self.event(workload, f"{discard} holds the other one's data; its own is saved in {self.saved or 'NO FILE'}")
        self.cleanup.done("mending the split")

    def _acknowledged(self, workload: Workload) -> Counter[str]:
        """Writes since the fault, by the host that acknowledged them."""
        began = self.marks.fault or 0.0
        done = [a for a in workload.events.attempts if a.result is Result.ACKED and a.end >= began]
        return Counter(served_by(done, workload.sessions()).values())

    def _both(self, parting: Parting) -> bool:
        return all(self.shell.run(host, parting.serves).good for host in parting.hosts)

    def _known(self) -> bool:
        return self.component.went_apart(look.look(self.inventory, self.shell).facts)

    def _on_both(self, parting: Parting, script: str) -> None:
        for host in parting.hosts:
            answer = self.shell.run(host, script)
            if not answer.good:
                words = f"{host}: {answer.error.strip() or f'code {answer.code}'}"
                raise OpsError(words, f"look at {host}", Exit.UNHEALTHY)

    def _until(self, patience: float, done: Callable[[], bool], words: str) -> None:
        end = time.monotonic() + patience
        while not done():
            if time.monotonic() >= end:
                raise OpsError(f"{words} after {patience:.0f} s", "see `hactl status`", Exit.UNHEALTHY)
            self.sleep(self.timing.poll)

    @staticmethod
    def _left() -> None:
        raise OpsError("the drill ended before the split was mended", "mend it by hand", Exit.UNHEALTHY)
