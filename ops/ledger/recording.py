"""Clients write numbered rows through the VIP while something happens, then every node's ledger is read. What happens
is a drill's fault, or whatever the user does meanwhile."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ops.component import Component
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell
from ops.ledger.addresses import reader
from ops.ledger.books import books_of
from ops.ledger.cleanup import Cleanup, signals_interrupt, signals_wait
from ops.ledger.compare import Held, Marks, equal, not_answering
from ops.ledger.history import History
from ops.ledger.workload import Workload

Say = Callable[[str], None]

#: How often the ledger is read before a difference between nodes counts, and the pause between, in seconds.
READINGS, READ_PAUSE = 4, 3.0
#: Writes flow when the last acknowledgement is no older than this, in seconds.
FRESH = 1.0


class Recording(ABC):
    """Runs once.

    Attributes:
        marks: when things happened.
    """

    workload_type: type[Workload]
    fresh = FRESH
    read_pause = READ_PAUSE
    marks: Marks

    def __init__(self, *, component: Component, shell: Shell, directory: Path, name: str, say: Say) -> None:
        """`component`: the one through whose endpoint clients write; `say` gets progress for people; `name` goes into
        the name of the history's file."""
        self.component = component
        self.inventory = component.inventory
        self.shell = shell
        self.endpoint, self.store = books_of(component, shell)
        self.read_endpoint = reader(self.inventory, component)
        self.say = say
        self.cleanup = Cleanup()
        self.load_before = os.getloadavg()[0]
        self.started = datetime.now(UTC)
        self.history_file = directory / f"{self.started:%Y%m%dT%H%M%SZ}-{name}.jsonl"

    @abstractmethod
    def course(self, workload: Workload) -> Held:
        """What happens, from the first client to the ledger's reading."""

    def record(self) -> tuple[Workload, Held, list[str]]:
        """The whole course. Cleans up whatever happens; what could not be cleaned is given, in words.

        Raises:
            OpsError: it could not be run to its end; what could not be cleaned up is said.
            Interrupted: a signal ended it, after the cleanup.
        """
        history = History(self.history_file)
        reads = self.store.target(self.read_endpoint) if self.read_endpoint else None
        target = self.store.target(self.endpoint)
        workload = self.workload_type(target, self.inventory.access.client_addresses, history, reads=reads)
        try:
            with signals_interrupt():
                contents = self.course(workload)
        except BaseException:
            for words in self._clean(history):
                self.say(f"NOT CLEANED UP: {words}")
            raise
        return workload, contents, self._clean(history)

    def _clean(self, history: History) -> list[str]:
        with signals_wait():
            left = self.cleanup.run(self.say)
            history.close()
        return left

    def event(self, workload: Workload, words: str) -> float:
        """Says what happens and keeps it. Gives when, in seconds since the workload began."""
        at = workload.events.now()
        self.marks.events.append((at, words))
        workload.events.history.add("event", {"at": round(at, 6), "event": words})
        self.say(words)
        return at

    def begin(self, workload: Workload) -> None:
        """Makes the ledger and starts the clients."""
        if self.store.by_hand:
            self.cleanup.add("dropping the ledger's database and account", self.store.drop, by_hand=self.store.by_hand)
        self.store.create()
        self.cleanup.add("ending the clients", workload.stop, by_hand="nothing: they end with hactl")
        workload.events.began = time.monotonic()
        workload.start()

    def flowing(self, workload: Workload) -> bool:
        """True while writes are acknowledged."""
        acked = [a.end for a in workload.events.attempts[-200:] if a.result == "acked"]
        return bool(acked) and workload.events.now() - max(acked) <= self.fresh

    def wait_for_writes(self, workload: Workload, *, patience: float = 0.0) -> None:
        """Waits up to `patience` seconds until every writer has written.

        Raises:
            OpsError: writes do not flow although nothing has happened yet.
        """
        deadline = time.monotonic() + patience
        while (still := self._silent(workload)) or not self.flowing(workload):
            if time.monotonic() >= deadline:
                last = workload.events.failures[-1][1] if workload.events.failures else "no error"
                who = ", ".join(sorted(still)) or "all"
                raise OpsError(
                    f"clients cannot {self.store.verb} through {self.endpoint.host}, and nothing has happened yet"
                    f" ({who}; last: {last})",
                    "see `hactl status`, and that this machine reaches the VIP",
                    Exit.UNHEALTHY,
                )
            self.sleep(0.2)

    def _silent(self, workload: Workload) -> set[str]:
        return set(workload.writers()) - {a.client for a in workload.events.attempts}

    def end(self, workload: Workload) -> None:
        """Ends the clients."""
        workload.stop()
        self.cleanup.done("ending the clients")
        self.marks.end = self.event(workload, "clients ended")

    def read(self, workload: Workload, *, every: bool) -> Held:
        """The ledger on the nodes. Statements that a client gave up on may still be under way: a difference is looked
        at again, and so is, with `every`, a node that did not answer."""
        contents = self.store.read()
        for _ in range(READINGS - 1):
            if equal(contents) and not (every and not_answering(contents)):
                break
            self.sleep(self.read_pause)
            contents = self.store.read()
        self.event(
            workload, f"ledger read on {', '.join(host for host, held in contents.items() if held) or 'no node'}"
        )
        return contents

    def sleep(self, seconds: float) -> None:
        """A pause; tests make it short."""
        time.sleep(seconds)
