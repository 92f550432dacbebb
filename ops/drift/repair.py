"""Putting drifted files right, by the programs and in the order that `up` uses: what nobody notices on all hosts at
once, then each component's own sets, one host after the other. Everything may be done twice, and the first refusal ends
it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ops.components import components_of
from ops.drift.look import HostDrift
from ops.hosts.shell import Answer, Shell, on_all
from ops.inventory import Inventory
from ops.paths import PROGRAMS

#: Sets that are delivered on all hosts at once, in this order on each.
AT_ONCE = ("plain", "secret")
#: Patience for one delivery of these, in seconds: it may install packages.
PATIENCE = 1800.0


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """One set on one host, and what the host said about it."""

    owner_set: str
    host: str
    good: bool
    words: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        data = asdict(self)
        return {"set": data.pop("owner_set"), **data, "words": list(self.words)}


@dataclass
class Repair:
    """What was done. `stopped`: the refusal that ended it, in words; empty when all was done."""

    steps: list[Repaired] = field(default_factory=list)
    stopped: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"steps": [one.as_json() for one in self.steps], "stopped": self.stopped}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One set on one host, still to be done."""

    owner_set: str
    host: str
    command: str
    patience: float


def turns(inventory: Inventory, found: Mapping[str, HostDrift]) -> tuple[list[Turn], list[Turn]]:
    """What is to be done: at once on all hosts, and then one after the other. Only sets that drifted."""
    at_once = [
        Turn(owner_set=name, host=host, command=f"drift --repair {name}", patience=PATIENCE)
        for host, one in found.items()
        for name in AT_ONCE
        if name in one.sets
    ]
    one_by_one = [
        Turn(owner_set=each.owner_set, host=host, command=each.command, patience=each.patience)
        for component in components_of(inventory).values()
        for each in component.deliveries()
        for host in each.hosts
        if host in found and each.owner_set in found[host].sets
    ]
    return at_once, one_by_one


def refusal(turn: Turn, answer: Answer, words: tuple[str, ...]) -> str:
    """Why the host did not do it, in its own words."""
    if not answer.reached:
        return (
            f"{turn.host}: {turn.command}: {answer.error}; it may still be at work there, or have stopped"
            " half-way: run this again"
        )
    last = words[-1] if words else f"ended with code {answer.code} and said nothing"
    return last if last.startswith(f"{turn.host}: ") else f"{turn.host}: {turn.command}: {last}"


class Repairing:
    """Carries out what `turns` gives. `say` gets every word of the hosts while they work."""

    def __init__(self, *, inventory: Inventory, shell: Shell, say: Callable[[str], None]) -> None:
        self.inventory = inventory
        self.shell = shell
        self.say = say
        #: Who is at work now, for the words of an interruption.
        self.at_work: dict[str, str] = {}

    def run(self, found: Mapping[str, HostDrift]) -> Repair:
        """All of it, up to the first refusal."""
        done = Repair()
        at_once, one_by_one = turns(self.inventory, found)
        hosts = list(dict.fromkeys(turn.host for turn in at_once))
        for results in on_all(
            hosts, lambda host: self._several([turn for turn in at_once if turn.host == host])
        ).values():
            for repaired, refused in results:
                done.steps.append(repaired)
                done.stopped = done.stopped or refused
        for turn in one_by_one:
            if done.stopped:
                break
            repaired, done.stopped = self._one(turn)
            done.steps.append(repaired)
        return done

    def _several(self, mine: list[Turn]) -> list[tuple[Repaired, str]]:
        results: list[tuple[Repaired, str]] = []
        for turn in mine:
            results.append(self._one(turn))
            if results[-1][1]:
                break
        return results

    def _one(self, turn: Turn) -> tuple[Repaired, str]:
        said: list[str] = []

        def passed_on(line: str) -> None:
            said.append(line)
            self.say(line if line.startswith(f"{turn.host}: ") else f"{turn.host}: {line}")

        self.say(f"{turn.host}: {turn.command}")
        self.at_work[turn.host] = turn.command
        script = f"exec {PROGRAMS}/{turn.command} </dev/null\n"
        answer = self.shell.follow(turn.host, script, timeout=turn.patience, say=passed_on)
        del self.at_work[turn.host]
        words = tuple(said)
        done = Repaired(owner_set=turn.owner_set, host=turn.host, good=answer.good, words=words)
        return done, "" if answer.good else refusal(turn, answer, words)
