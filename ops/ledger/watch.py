"""`hactl ledger`: pooled clients write through the VIP, or ask for its pages where there is no SQL, while the user does
something else, until told that it is done."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import cast

from ops.component import Component
from ops.hosts.shell import Shell
from ops.ledger.addresses import check_addresses
from ops.ledger.compare import DONE, Held, Marks
from ops.ledger.outcome import LedgerOutcome
from ops.ledger.pool import PooledWorkload
from ops.ledger.recording import Recording, Say
from ops.ledger.request_pool import RequestPool
from ops.ledger.until import how_to_end, wait_for_end
from ops.ledger.workload import Workload
from ops.ledger.writes import acks

#: How long the first writes may take, in seconds: a node that was lost a moment ago has to be noticed first.
START_PATIENCE = 120.0
#: A word of progress at least this often, in seconds.
EVERY = 15.0


class Watch(Recording):
    """Runs once. `seconds`: how long at most, None for as long as the user likes."""

    workload_type: type[Workload] = PooledWorkload

    def __init__(self, *, component: Component, shell: Shell, directory: Path, say: Say, seconds: float | None) -> None:
        if component.pages() is not None:
            self.workload_type = RequestPool
        super().__init__(component=component, shell=shell, directory=directory, name="ledger", say=say)
        self.seconds = seconds
        self.marks = Marks()
        self.ended_by = ""
        self._told = (0.0, 0)

    def check(self) -> None:
        """Refuses what cannot work. The stack need not be healthy: only writes have to flow.

        Raises:
            OpsError: client addresses that are not here, or another ledger that is being written.
        """
        check_addresses(self.inventory.access.client_addresses)
        self.store.refuse_another_drill()

    def run(self) -> LedgerOutcome:
        """The whole recording; `check` has passed. Cleans up whatever happens.

        Raises:
            OpsError: writes do not flow, or no node answers.
            Interrupted: a signal before the clients started or after they ended.
        """
        workload, contents, uncleaned = self.record()
        return LedgerOutcome(
            stack=self.inventory.stack,
            started_at=f"{self.started:%Y-%m-%dT%H:%M:%SZ}",
            ended_by=self.ended_by,
            marks=self.marks,
            counts=cast(PooledWorkload, workload).counts(),
            attempts=workload.events.attempts,
            failures=workload.events.failures,
            sessions=workload.events.sessions,
            contents=contents,
            history=str(self.history_file),
            load=(self.load_before, os.getloadavg()[0]),
            uncleaned=uncleaned,
            noun=self.store.noun,
        )

    def course(self, workload: Workload) -> Held:
        """See `Recording.course`."""
        self.begin(workload)
        self.wait_for_writes(workload, patience=START_PATIENCE)
        self.event(
            workload,
            f"{len(workload.clients)} clients started, each has had a {self._counted()}; {how_to_end(self.seconds)}"
            " ends it",
        )
        self._told = (time.monotonic(), len(workload.events.failures))
        self.ended_by = wait_for_end(self.seconds, lambda: self._progress(workload))
        self.event(workload, f"ended by {self.ended_by}")
        self.end(workload)
        return self.read(workload, every=False)

    def _counted(self, *, plural: bool = False) -> str:
        noun = self.store.noun
        return f"{noun}{'s' if plural else ''} {DONE[noun]}"

    def _progress(self, workload: Workload) -> None:
        """A word when something failed, and now and then."""
        now, failures = time.monotonic(), workload.events.failures
        at, told = self._told
        if len(failures) > told:
            self.say(f"{len(failures) - told} failed: {failures[-1][1]}")
        elif now - at < EVERY:
            return
        else:
            times = acks(workload.events.attempts)
            serving = ", ".join(f"{host} {count}" for host, count in sorted(workload.serving().items()))
            self.say(
                f"{len(times)} {self._counted(plural=True)}, {len(failures)} failures; sessions: {serving or 'none'}"
            )
        self._told = (now, len(failures))
