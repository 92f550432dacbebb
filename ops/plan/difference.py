"""What differs between two plans of a stack, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.kinds import KINDS
from ops.plan.costs import component_costs
from ops.plan.document import Document
from ops.plan.files import FileChange, file_changes
from ops.plan.gaps import GapChange, gap_changes
from ops.plan.machines import MachineChange, machine_changes
from ops.plan.revision import Revisions
from ops.plan.steps import Run, Turns, gone, runs, turns


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Attributes:
    refused: messages why the new settings cannot be used; then nothing else is known.
    before_refused: the same of the old ones: then the new plan stands alone.
    stops: words for what `up`, or a host, refuses of the change.
    machines, files, runs, turns, gaps: what changes.
    costs: what it costs the components.
    cautions: what needs a word beyond that.
    ends: steps that are no more.
    later: settings that are taken over, and for which nothing runs.
    notes: what has to be said of the comparison itself.
    """

    stack: str
    against: str
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    before_refused: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    machines: tuple[MachineChange, ...] = ()
    files: tuple[FileChange, ...] = ()
    runs: tuple[Run, ...] = ()
    turns: tuple[Turns, ...] = ()
    costs: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    gaps: tuple[GapChange, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """True where `up` would do anything."""
        return bool(
            self.before_refused or self.machines or self.files or self.runs or self.ends or self.later or self.costs
        )

    @property
    def will_be_refused(self) -> bool:
        """True where the settings, or `up`, or a host refuse."""
        return bool(self.refused or self.stops)

    @property
    def verdict(self) -> str:
        """One line."""
        if self.refused:
            return f"refused: {_count(len(self.refused), 'mistake')} in the settings; nothing would be touched"
        if self.stops:
            return f"`up` refuses this: {self.stops[0]}"
        if self.before_refused:
            return "a new plan: there is nothing to compare it with"
        if not self.changed:
            return "nothing changes"
        return "; ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        for change, words in (("replaced", "made anew"), ("added", "added"), ("removed", "removed"), ("lost", "lost")):
            hosts = [machine.host for machine in self.machines if machine.change == change]
            if hosts:
                yield f"{words}: {', '.join(hosts)}"
        for turn in self.turns:
            yield f"{turn.component} {'rolls' if turn.restarts else f'({turn.words})'}: {', '.join(turn.hosts)}"
        at_once = sorted({host for file in self.files if file.owner_set in ("plain", "secret") for host in file.hosts})
        if at_once:
            yield f"files are laid on {', '.join(at_once)}"
        others = [run.step for run in self.runs if not run.words]
        if others and not self.machines:
            yield f"{_count(len(others), 'further step')} {'runs' if len(others) == 1 else 'run'}"
        if not (self.machines or self.files or self.runs):
            yield "settings are taken over, and nothing runs"

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "stack": self.stack,
            "against": self.against,
            "changed": self.changed,
            "verdict": self.verdict,
            "refused": list(self.refused),
            "before_refused": list(self.before_refused),
            "stops": list(self.stops),
            "machines": [machine.as_json() for machine in self.machines],
            "costs": list(self.costs),
            "turns": [turn.as_json() for turn in self.turns],
            "steps": [run.as_json() for run in self.runs],
            "steps_gone": list(self.ends),
            "files": [file.as_json() for file in self.files],
            "promises": [gap.as_json() for gap in self.gaps],
            "cautions": list(self.cautions),
            "later": list(self.later),
            "notes": list(self.notes),
        }


def difference(found: Revisions) -> Difference:
    """All that differs."""
    before, after, stack = found.before, found.after, found.after.stack
    if after.refused or before.refused:
        return Difference(
            stack=stack,
            against=found.against,
            notes=found.notes,
            refused=after.refused,
            before_refused=() if after.refused else before.refused,
        )
    machines, files = machine_changes(before, after), file_changes(before, after)
    running = runs(before, after, files, machines)
    stops, cautions = _kinds_words(before, after)
    notes = [*found.notes, *_sealed(before, after)]
    made = Difference(
        stack=stack,
        against=found.against,
        stops=(
            *(f"{machine.host} is protected ({'; '.join(machine.why)})" for machine in machines if machine.refused),
            *stops,
        ),
        machines=machines,
        files=files,
        runs=running,
        turns=turns(after, running),
        costs=tuple(component_costs(before, after, machines)),
        cautions=cautions,
        ends=gone(before, after),
        gaps=gap_changes(before, after),
        later=tuple(_later(before, after)),
        notes=tuple(notes),
    )
    if before.settings != after.settings and not made.changed and not notes:
        return Difference(
            stack=stack, against=found.against, notes=("the settings are written differently, and mean the same",)
        )
    return made


def _kinds_words(before: Document, after: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What hosts refuse, and what needs a word, as the kinds say."""
    stops: list[str] = []
    cautions: list[str] = []
    for name, component in after.components.items():
        old, kind = before.components.get(name), KINDS.get(component.kind)
        if old is not None and kind is not None and old.kind == component.kind:
            for caution in kind.cautions(old.details, component.details):
                (stops if caution.refused else cautions).append(f"{name}: {caution.words}")
    for name, component in after.components.items():
        old = before.components.get(name)
        for purpose in sorted(component.endpoints.keys() | (old.endpoints.keys() if old else set())):
            was, now = (old.endpoints.get(purpose) if old else None), component.endpoints.get(purpose)
            if old and was != now:
                words = [f"{each.host}:{each.port}" if each else "none" for each in (was, now)]
                cautions.append(
                    f"{name}: clients ({purpose}) find it at {words[1]}, no longer at {words[0]}: change the "
                    "applications, too"
                )
    return tuple(stops), tuple(cautions)


def _later(before: Document, after: Document) -> Iterator[str]:
    for key in after.options.keys() | before.options.keys():
        old, new = before.options.get(key), after.options.get(key)
        if old != new:
            yield f"{key} {_word(old)} -> {_word(new)}: taken over for later; nothing runs"
    changed: dict[tuple[str, str], list[str]] = {}
    for host, new_host in after.hosts.items():
        old_once = before.hosts[host].once if host in before.hosts else {}
        for key in new_host.once.keys() & old_once.keys():
            if old_once[key] != new_host.once[key]:
                what = f"{key} {_word(old_once[key])} -> {_word(new_host.once[key])}"
                changed.setdefault((key, what), []).append(host)
    yield from (
        f"{', '.join(hosts)}: {what}: a VM keeps what it was made with; the next one made gets it"
        for (_, what), hosts in sorted(changed.items())
    )


def _word(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _sealed(before: Document, after: Document) -> Iterator[str]:
    """Encrypted values cannot be read here; that they were written anew can be seen."""
    if after.sealed:
        yield f"encrypted, so a stand-in stands for each: {', '.join(sorted(after.sealed))}"
    changed = sorted(
        key for key in before.sealed.keys() | after.sealed.keys() if before.sealed.get(key) != after.sealed.get(key)
    )
    if changed:
        yield (
            f"encrypted anew, which may be another value or the same: {', '.join(changed)}; the secret files and steps "
            "that hold it change where it is another one"
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
