"""The end of `make up`: not before the stack says of itself that it is healthy, by the judgement of `hactl status`."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from deploy.endurance import Measured, advice
from deploy.errors import DeployError
from deploy.paths import ROOT, StackPaths
from ops import inventory, status
from ops.errors import OpsError
from ops.shell import Ssh
from ops.status import Status
from settings.timers import Timers

#: The longest wait, how long the same findings may stay with nothing moving, and the pause between two looks, in seconds.
BOUND, STILL, PAUSE = 900.0, 240.0, 5.0
#: So many good looks in a row end a wait that began with a bad one: a stack that comes and goes is not healthy.
GOOD = 2

Look = Callable[[], Status]


def looking(paths: StackPaths) -> Look:
    """Looks at a stack as `hactl status` does.

    Raises:
        DeployError: its inventory cannot be used.
    """
    try:
        known = inventory.load(paths.inventory)
    except OpsError as error:
        raise DeployError(f"{error.what}. To do: {error.todo}.") from None
    shell = Ssh(inventory=known, root=ROOT)
    return lambda: status.look(known, shell)


def _told(looked: Status) -> list[str]:
    return [f"{problem.host}: {problem.figure}" for problem in looked.wrong()]


def _lines(looked: Status) -> str:
    return "\n".join(f"  {problem.line()}" for problem in looked.wrong())


class Time:
    """The clock of a wait, in seconds."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleeps."""
        time.sleep(seconds)


def wait(look: Look, timers: Timers, console: Console, *, stack: str, at: Time | None = None) -> float:
    """Seconds until the stack was healthy. Says what it waits for whenever that changes.

    Raises:
        DeployError: it is not, and nothing moves any more; or the machine is too slow for the timers.
    """
    values, seen = timers.values(), Measured()
    at = at or Time()
    start = moved = at.now()
    last: list[str] | None = None
    good, bad = 0, False
    while True:
        looked = look()
        seen.add(looked, values)
        now = at.now()
        told = _told(looked)
        good = good + 1 if looked.healthy else 0
        bad = bad or not looked.healthy
        if good >= (GOOD if bad else 1):
            return now - start
        if told != last:
            moved, last = now, told
            for words in told:
                console.print(f"  {now - start:4.0f} s: waiting: {escape(words)}")
        if now - moved > STILL and told and not seen.unsteady:
            raise DeployError(
                f"the steps are done and stack {stack} is not healthy; nothing has moved for {now - moved:.0f} s:\n{_lines(looked)}\n"
                "Mend this, then run `make up` again."
            )
        if now - start > BOUND:
            raise DeployError(_too_slow(looked, timers, seen, stack=stack, waited=now - start))
        at.sleep(PAUSE)


def _too_slow(looked: Status, timers: Timers, seen: Measured, *, stack: str, waited: float) -> str:
    values = timers.values()
    ends = f"the steps are done and stack {stack} was not healthy for long enough in {waited:.0f} s"
    last = f"; last:\n{_lines(looked)}" if looked.wrong() else " (it is at this moment)"
    if not seen.unsteady:
        return f"{ends}{last}\nMeasured {seen.words(values)}.\nMend this, then run `make up` again."
    return (
        f"{ends}: this machine is too slow for the timers of the profile {timers.profile}{last}\nMeasured {seen.words(values)}.\n"
        f"To do: {advice(timers.profile, values, seen)}."
    )


def note(look: Look, console: Console, *, stack: str) -> None:
    """After an `up` that changed nothing: one look, and a word when the stack is not healthy. It may be so on purpose (a drained node)."""
    looked = look()
    if looked.healthy:
        return
    state = "the status could not be had" if looked.unknown else "the stack is not healthy"
    console.print(f"  {state}:\n{escape(_lines(looked))}\n  `./hactl status --stack {stack}` says all of it")
