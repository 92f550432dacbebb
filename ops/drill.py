"""One drill: a healthy stack, clients that write, a fault, its repair, a healthy stack again, and the ledger checked on every node."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops import preflight
from ops.cleanup import Cleanup, signals_interrupt, signals_wait
from ops.clients import Workload
from ops.errors import Exit, OpsError
from ops.faults import Kind, make_fault
from ops.healing import Healing, answers_ssh
from ops.history import History
from ops.inventory import Inventory
from ops.judge_directors import holders
from ops.outcome import Marks, Outcome
from ops.power import Power
from ops.sessions import Target
from ops.shell import Shell
from ops.store import DATABASE, Contents, Store

Say = Callable[[str], None]

#: How often the ledger is read before a difference between nodes counts.
READINGS = 4


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Durations of a drill in seconds. `during` is the least: a longer gap is waited out up to `longest`."""

    before: float = 6.0
    during: float = 15.0
    longest: float = 60.0
    after: float = 5.0
    heal_stop: float = 180.0
    heal_kill: float = 600.0
    poll: float = 3.0
    settle: float = 0.0  # how long an unhealthy stack may take to become healthy before the drill is refused
    fresh: float = 1.0  # writes flow when the last acknowledgement is no older than this


class Drill:
    """Runs once. `say` gets progress for people."""

    workload_type = Workload

    def __init__(
        self, *, inventory: Inventory, shell: Shell, power: Power, kind: Kind, target: str | None, directory: Path, say: Say, timing: Timing
    ) -> None:
        self.inventory = inventory
        self.shell = shell
        self.power = power
        self.kind = kind
        self.endpoint = preflight.writer(inventory)
        self.wanted = target
        self.target = target or ""
        self.say = say
        self.timing = timing
        self.store = Store(inventory, shell)
        self.cleanup = Cleanup()
        self.marks = Marks()
        self.load_before = os.getloadavg()[0]
        self.started = datetime.now(UTC)
        self.history_file = directory / f"{self.started:%Y%m%dT%H%M%SZ}-{kind.value}.jsonl"

    def preflight(self) -> str | None:
        """Looks before anything is touched. Gives the target where it is known by now.

        Raises:
            OpsError: the stack is not healthy, or this fault cannot be made here.
        """
        preflight.check_fault(self.inventory, self.power, self.kind, self.wanted)
        self.say("looking at the stack")
        facts = preflight.check_health(self.inventory, self.shell, patience=self.timing.settle)
        self.store.refuse_company()
        if self.wanted is None and self.kind.role == "director":
            self.wanted = holders(self.inventory, facts, self.endpoint.host)[0]
        return self.wanted

    def run(self) -> Outcome:
        """The whole drill; `preflight` has passed. Cleans up whatever happens.

        Raises:
            OpsError: it could not be run to its end; what could not be cleaned up is said.
            Interrupted: a signal ended it, after the cleanup.
        """
        history = History(self.history_file)
        workload = self.workload_type(
            Target(endpoint=self.endpoint, user=self.store.user, password=self.store.password, database=DATABASE),
            self.inventory.access.client_addresses,
            history,
        )
        uncleaned: list[str] = []
        try:
            with signals_interrupt():
                self._prepare(workload)
                self._strike(workload)
                self._heal(workload)
                contents = self._read(workload)
        except BaseException:
            uncleaned += self._clean(history)
            for words in uncleaned:
                self.say(f"NOT CLEANED UP: {words}")
            raise
        uncleaned += self._clean(history)
        return Outcome(
            kind=self.kind,
            stack=self.inventory.stack,
            target=self.target,
            started_at=f"{self.started:%Y-%m-%dT%H:%M:%SZ}",
            promised_gap_s=self.inventory.promised_write_gap_s.get(self.kind.value),
            marks=self.marks,
            attempts=workload.events.attempts,
            failures=workload.events.failures,
            sessions=workload.sessions(),
            contents=contents,
            history=str(self.history_file),
            load=(self.load_before, os.getloadavg()[0]),
            uncleaned=uncleaned,
        )

    def _clean(self, history: History) -> list[str]:
        with signals_wait():
            left = self.cleanup.run(self.say)
            history.close()
        return left

    def _event(self, workload: Workload, words: str) -> float:
        at = workload.events.now()
        self.marks.events.append((at, words))
        workload.events.history.add("event", {"at": round(at, 6), "event": words})
        self.say(words)
        return at

    def _prepare(self, workload: Workload) -> None:
        self.cleanup.add("dropping the drill's database and account", self.store.drop, by_hand=f"DROP DATABASE {DATABASE}; DROP USER '{self.store.user}'")
        self.store.create()
        self.cleanup.add("ending the clients", workload.stop, by_hand="nothing: they end with hactl")
        workload.events.began = time.monotonic()
        workload.start()
        self._event(workload, f"{len(workload.clients)} clients started")
        self._sleep(self.timing.before)
        silent = set(workload.writers()) - {a.client for a in workload.events.attempts}
        last = workload.events.failures[-1][1] if workload.events.failures else "no error"
        if silent or not self._flowing(workload):
            raise OpsError(
                f"clients cannot write through {self.endpoint.host} before any fault ({', '.join(sorted(silent)) or 'all'}; last: {last})",
                "see `hactl status`, and that this machine reaches the VIP",
                Exit.UNHEALTHY,
            )
        self.target = self.wanted or self._busiest(workload)

    def _busiest(self, workload: Workload) -> str:
        serving = workload.serving()
        real = [host for host in self.inventory.with_role(self.kind.role) if serving[host]]
        if not real:
            by = ", ".join(serving) or "nobody"
            raise OpsError(f"clients were served by {by}, no real server of the inventory", "name the host with --target", Exit.REFUSED)
        return max(real, key=lambda host: serving[host])

    def _strike(self, workload: Workload) -> None:
        fault = make_fault(self.kind, self.target, self.shell, self.power)
        self.cleanup.add(f"repairing: {fault.words}", fault.repair, by_hand=fault.by_hand)
        serving = ", ".join(f"{host} {count}" for host, count in sorted(workload.serving().items()))
        self.marks.fault = self._event(workload, f"fault begins: {fault.words} (sessions: {serving})")
        fault.inject()
        began = self._event(workload, "fault is in force")
        self._sleep(self.timing.during)
        while not self._flowing(workload) and workload.events.now() - began < self.timing.longest:
            self._sleep(1.0)
        if not self._flowing(workload):
            self._event(workload, f"no write was acknowledged for {self.timing.longest:.0f} s: going on with the repair")
        self.marks.repair = self._event(workload, f"repair begins: {fault.by_hand}")
        fault.repair()
        self.cleanup.done(f"repairing: {fault.words}")

    def _flowing(self, workload: Workload) -> bool:
        acked = [a.end for a in workload.events.attempts[-200:] if a.result == "acked"]
        return bool(acked) and workload.events.now() - max(acked) <= self.timing.fresh

    def _heal(self, workload: Workload) -> None:
        patience = self.timing.heal_kill if self.kind.kills else self.timing.heal_stop
        healing = Healing(inventory=self.inventory, shell=self.shell, kind=self.kind, target=self.target, answers=self._answers)
        start = time.monotonic()
        told = ""
        while wrong := healing.up() or self._look(healing, workload):
            if time.monotonic() - start > patience:
                self._event(workload, f"not healthy after {patience:.0f} s: {wrong}")
                break
            if wrong != told:
                self._event(workload, f"waiting: {wrong}")
                told = wrong
            self._sleep(self.timing.poll)
        else:
            self.marks.healed = self._event(workload, "healthy again")
        self._sleep(self.timing.after)
        workload.stop()
        self.cleanup.done("ending the clients")
        self.marks.end = self._event(workload, "clients ended")

    def _look(self, healing: Healing, workload: Workload) -> str:
        if self.marks.watched is None:
            self._event(workload, f"{self.target} is up, the others get {healing.pause():g} s to notice")
            self._sleep(healing.pause())
        self.marks.watched = workload.events.now()
        return healing.wrong()

    def _answers(self, host: str) -> bool:
        return answers_ssh(self.inventory.hosts[host])

    def _read(self, workload: Workload) -> dict[str, Contents | None]:
        """The ledger on every node. Statements that a client gave up on may still be under way: a difference is looked at again."""
        contents = self.store.read()
        for _ in range(READINGS - 1):
            held = list(contents.values())
            if None not in held and len({c.digest for c in held if c is not None}) == 1:
                break
            self._sleep(self.timing.poll)
            contents = self.store.read()
        self._event(workload, f"ledger read on {', '.join(host for host, held in contents.items() if held) or 'no node'}")
        return contents

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds)
