"""Which steps run, and in whose turn what is brought into force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ops.component import Notice
from ops.kinds import KINDS
from ops.plan.costs import votes_left
from ops.plan.document import Document, PlannedStep
from ops.plan.files import FileChange
from ops.plan.machines import MachineChange

#: Sets that all hosts get at once.
AT_ONCE = ("plain", "secret")


@dataclass(frozen=True, kw_only=True)
class Run:
    """A step that runs, and why. `words`: what that does; `restarts`: a service may be restarted."""

    step: str
    component: str
    host: str
    program: str
    why: str
    words: str
    restarts: bool

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "step": self.step,
            "component": self.component,
            "host": self.host,
            "program": self.program,
            "why": self.why,
            "words": self.words,
            "restarts": self.restarts,
        }


def runs(
    before: Document, after: Document, files: tuple[FileChange, ...], machines: tuple[MachineChange, ...]
) -> tuple[Run, ...]:
    """Steps that run, in their order."""
    old = {step.id: step for step in before.steps}
    anew = {machine.host for machine in machines if machine.change in ("added", "replaced")}
    return tuple(run for step in after.steps if (run := _run(step, old.get(step.id), after, files, anew)))


def gone(before: Document, after: Document) -> tuple[str, ...]:
    """Steps that are no more; nothing runs for that."""
    kept = {step.id for step in after.steps}
    return tuple(step.id for step in before.steps if step.id not in kept)


def _run(
    step: PlannedStep, old: PlannedStep | None, after: Document, files: tuple[FileChange, ...], anew: set[str]
) -> Run | None:
    delivered = [file for file in files if file.owner_set == step.delivers and step.host in file.hosts]
    kind = after.components[step.component].kind
    notice, words = Notice(words=""), ""
    if step.host in anew:
        why = "the machine is another one"
    elif old is None:
        why = "new"
    elif old.command != step.command or old.host != step.host or old.delivers != step.delivers:
        why = "its command is another one"
    elif delivered:
        why = "its files changed"
        notice = _notice(kind, step, delivered)
        words = notice.words
    elif old.reads != step.reads:
        why = "what it reads changed (secret)"
    else:
        return None
    return Run(
        step=step.id,
        component=step.component,
        host=step.host,
        program=step.program,
        why=why,
        words=words,
        restarts=notice.restarts,
    )


def _notice(kind: str, step: PlannedStep, delivered: list[FileChange]) -> Notice:
    """What bringing these files into force does: their own actions, where each has one."""
    if all(file.actions or (file.about and not file.diff) for file in delivered):
        actions = dict.fromkeys(action for file in delivered for action in file.actions)
        return Notice(words=", ".join(actions) or "nothing is reloaded")
    known = KINDS[kind].notices if kind in KINDS else {}
    return known.get(step.delivers or "", Notice(words="brought into force by its own program"))


@dataclass(frozen=True, kw_only=True)
class Turns:
    """Hosts that take their changed files one after the other. `beside`: whether the others can go on meanwhile."""

    component: str
    owner_set: str
    hosts: tuple[str, ...]
    words: str
    restarts: bool
    beside: str

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "component": self.component,
            "set": self.owner_set,
            "hosts": list(self.hosts),
            "words": self.words,
            "restarts": self.restarts,
            "beside": self.beside,
        }


def turns(after: Document, running: tuple[Run, ...]) -> tuple[Turns, ...]:
    """By component and set, in the order of the steps."""
    delivers = {step.id: step.delivers for step in after.steps}
    found: dict[tuple[str, str], list[Run]] = {}
    for run in running:
        owner_set = delivers[run.step]
        if owner_set and run.words:
            found.setdefault((run.component, owner_set), []).append(run)
    return tuple(_turns(after, component, owner_set, each) for (component, owner_set), each in found.items())


def _turns(after: Document, component: str, owner_set: str, found: list[Run]) -> Turns:
    restarts = any(run.restarts for run in found)
    votes = after.components[component].votes
    hosts = tuple(run.host for run in found)
    return Turns(
        component=component,
        owner_set=owner_set,
        hosts=hosts,
        words="; ".join(dict.fromkeys(run.words for run in found)),
        restarts=restarts,
        beside=votes_left(votes, {hosts[0]}) if restarts and votes and hosts[0] in votes else "",
    )
