"""The health agent's looks at this host: once a second whoever asks, in a thread of its own."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from agent_http import KEEP, REFUSE, SERVE
from drain_flag import DRAINING, read_flag
from health_check import Check, State, Verdict, mark
from mha_common import Failure, at

#: Seconds. The directors ask once a second; a host that serves nobody is not asked.
QUIET = 5.0
#: The worst comes last.
ORDER = (SERVE, KEEP, REFUSE)


def load_checks(folder: Path) -> list[Check]:
    """The checks of the modules check_*.py in a folder, by name.

    Raises Failure: there is none, or one cannot be made.
    """
    names = sorted(file.stem for file in folder.glob("check_*.py"))
    if not names:
        raise Failure(f"no check module lies in {folder}", todo="deliver this host's files again: pulumi up")
    return [import_module(name).make() for name in names]


def verdict(state: State, checks: Sequence[Check]) -> Verdict:
    """May the host take clients? A drained one keeps its sessions; else the worst of what the checks say, the first of
    several.
    """
    if state["draining"] and all(check.may_be_left(state) for check in checks):
        return KEEP, f"draining: {state.get('draining_reason') or 'no reason given'}"
    return max((check.judge(state) for check in checks), key=lambda found: ORDER.index(found[0]))


@dataclass(frozen=True)
class Look:
    """What was seen (the part of /state that has to be asked for) and what follows. Times are time.monotonic() (s)."""

    began: float
    ended: float
    state: dict[str, Any]
    answer: Verdict
    flag: tuple[int, int] | None
    """`mark` of the draining flag before the look: another one now means that it has not seen the flag as it is."""


class Checker:
    """Looks once a second whoever asks, in a thread of its own; at once when a check is woken (MariaDB closed the
    connection) or somebody calls `wake`.

    When nobody has asked for QUIET seconds it sleeps, and the next one who asks wakes it (`wanted`) and gets what it
    then sees.

    `on_look` is called after each look, in that thread. When the thread dies the process ends with it: nobody would
    look any more.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        *,
        on_look: Callable[[], None] = lambda: None,
        period: float = 1.0,
        patience: float = 0.8,
        hold: float = 0.0,
    ) -> None:
        self.checks, self.on_look, self.period, self.patience, self.hold = checks, on_look, period, patience, hold
        self.last: Look | None = None
        self.current = checks[0]
        self.busy_since = self.asked = time.monotonic()
        self.busy, self.asleep = True, False
        #: The last look is from before a sleep: it says nothing of now.
        self.outdated = False
        self.flag = at(DRAINING)
        self.wake_reader, self.wake_writer = socket.socketpair()
        self.wake_writer.setblocking(False)

    def start(self) -> None:
        threading.Thread(target=self.work, daemon=True, name="look").start()

    def wake(self) -> None:
        """Never waits."""
        with contextlib.suppress(BlockingIOError):  # full: it has been asked often enough
            self.wake_writer.send(b".")

    def wanted(self) -> None:
        """Somebody asks, or listens."""
        self.asked = time.monotonic()
        if self.asleep:
            self.wake()

    def look(self) -> dict[str, Any]:
        """The facts of the draining flag and of all checks."""
        flag = read_flag() if mark(self.flag) else None
        rolling = bool(flag and flag.at_work)
        cut_short = bool(flag and flag.roll and not rolling)
        found: dict[str, Any] = {
            "draining": flag is not None and not cut_short,
            "draining_reason": flag.reason if flag else None,
            "rolling": rolling,
            "roll_cut_short": cut_short,
        }
        for check in self.checks:
            self.current = check
            found |= check.look()
        return found

    def work(self) -> None:
        try:
            while True:
                before = self.last
                self.last = self.judge()
                self.busy = self.outdated = False
                if before is None or self.last.answer[0] != before.answer[0]:
                    print(self.last.answer[1], flush=True)
                self.on_look()
                self.rest(self.last.began + self.period)
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # systemd starts the agent again

    def judge(self) -> Look:
        began, flag = time.monotonic(), mark(self.flag)
        try:
            state = self.look()
            answer = verdict(state, self.checks)
            state["status"] = answer[0]
        except (Failure, OSError, ValueError, KeyError) as error:
            state, answer = {}, (REFUSE, f"the check failed: {error}")
        self.current = self.checks[0]
        return Look(began, time.monotonic(), state, answer, flag)

    def rest(self, until: float) -> None:
        """Until the next look is due, or a check is woken, or somebody wants one."""
        waking = {kept: check for check in self.checks if (kept := check.wakes())}
        self.asleep = time.monotonic() - self.asked > QUIET
        left = None if self.asleep else max(0.0, until - time.monotonic())
        ready, _, _ = select.select([self.wake_reader, *waking], [], [], left)
        self.outdated = self.asleep
        self.busy_since, self.busy, self.asleep = time.monotonic(), True, False
        for one in ready:
            if one in waking:
                waking[one].woken()
            else:
                self.wake_reader.recv(4096)

    def overdue_at(self) -> float:
        """When a look will have taken longer than `patience`, or none will have begun although it was due."""
        last = self.last
        if self.asleep:
            return float("inf")
        if self.busy or last is None:
            return self.busy_since + self.patience
        return max(last.began + self.period, last.ended) + self.patience

    def overdue(self) -> bool:
        return time.monotonic() > self.overdue_at()

    def left(self) -> float:
        """Seconds until the verdict may change without a look, or has to be told again because it has."""
        now, due = time.monotonic(), self.overdue_at()
        left = due - now if due > now else due + self.hold - now
        return min(left + 0.01, 60.0 if due > now else self.period) if left > 0 else self.period

    @property
    def late(self) -> Verdict:
        """The verdict while a look does not end: slow is not dead, so one that may serve keeps its place for `hold`
        seconds.
        """
        words, last = f"{self.current.what} did not answer in time", self.last
        if last is None or last.answer[0] == REFUSE or self.outdated or last.flag != mark(self.flag):
            return REFUSE, words
        if not 0 <= time.monotonic() - self.overdue_at() < self.hold:
            return REFUSE, words
        return last.answer[0], f"{last.answer[1]}; {words}: it keeps its place for {self.hold:g} s"

    def answer(self) -> Verdict | None:
        """The verdict, at once; None while none is known that has seen the flag as it is now, and while nobody looks
        (see `wanted`).
        """
        if self.overdue():
            return self.late
        last = self.last
        if last and not self.asleep and not self.outdated and last.flag == mark(self.flag):
            return last.answer
        if last:
            self.wake()
        return None

    def state(self, not_before: float) -> dict[str, Any] | None:
        """The facts of a look that began at `not_before` or later; None while there is none (a look is on its way)."""
        last = self.last
        if last and last.began >= not_before and last.flag == mark(self.flag):
            return last.state
        if last:
            self.wake()
        return None

    def kept(self) -> dict[str, Any]:
        """The facts that need no look."""
        return {key: value for check in self.checks for key, value in check.kept().items()}

    def late_state(self) -> dict[str, Any]:
        """The facts that are told while a look does not end."""
        return {key: value for check in self.checks for key, value in check.when_late().items()}
