"""A difference as a text of sections, which Markdown and the terminal show in their own ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ops.plan.difference import Difference
from ops.plan.files import FileChange
from ops.plan.gaps import GapChange


@dataclass(frozen=True, kw_only=True)
class Fold:
    """What is shown on demand: a title and lines, a diff or words."""

    title: str
    lines: tuple[str, ...]
    diff: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """A title, lines, rows of a table (the first is its head), folds."""

    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    folds: tuple[Fold, ...] = ()


def sections(found: Difference) -> tuple[Section, ...]:
    """What there is to say, most important first; sections without content are left out."""
    return tuple(section for section in _all(found) if section.lines or section.rows or section.folds)


def _all(found: Difference) -> Iterator[Section]:
    yield Section(title="The settings are refused", folds=_verbatim("messages", found.refused))
    yield Section(
        title="There is no plan before",
        folds=_verbatim(f"why {found.against} has none", found.before_refused),
    )
    yield Section(title="`up` refuses this", lines=found.stops)
    yield Section(title="Machines", lines=tuple(_machines(found)))
    yield Section(title="What that costs", lines=found.costs)
    yield Section(title="One host after the other", lines=tuple(_turns(found)))
    yield Section(title="Be careful", lines=found.cautions)
    yield Section(title="On all hosts at once", lines=tuple(_at_once(found)))
    yield Section(title="Steps that run", folds=_steps(found))
    yield Section(title="Files", folds=tuple(_files(found)))
    yield Section(title="Promised gaps", lines=_unchanged(found), rows=_gaps(found))
    yield Section(title="Taken over, and nothing runs", lines=found.later)
    yield Section(title="Of this comparison", lines=found.notes)


def _verbatim(title: str, lines: tuple[str, ...]) -> tuple[Fold, ...]:
    return (Fold(title=title, lines=lines),) if lines else ()


def _machines(found: Difference) -> Iterator[str]:
    words = {"added": "added", "removed": "removed", "replaced": "made anew", "lost": "declared lost"}
    for machine in found.machines:
        why = f" ({'; '.join(machine.why)})" if machine.why else ""
        yield f"{machine.host} is {words[machine.change]}{why}: {'; '.join(machine.costs)}"


def _turns(found: Difference) -> Iterator[str]:
    for turn in found.turns:
        beside = f" While one is away {turn.beside.replace(' meanwhile', '')}." if turn.beside else ""
        yield f"{turn.component}, files of set {turn.owner_set}: {', then '.join(turn.hosts)}: {turn.words}.{beside}"


def _at_once(found: Difference) -> Iterator[str]:
    """By action the hosts that do it."""
    doing: dict[str, set[str]] = {}
    order: list[str] = []
    for file in found.files:
        if file.owner_set in ("plain", "secret"):
            order += [host for host in file.hosts if host not in order]
            for action in file.actions or ("laid down, nothing is reloaded",):
                doing.setdefault(action, set()).update(file.hosts)
    named = {
        "packages": "packages are installed",
        "provision": "packages and units are looked over",
        "daemon-reload": "systemd reads its units anew",
    }
    for action, hosts in sorted(doing.items()):
        yield f"{named.get(action, action)}: {', '.join(host for host in order if host in hosts)}"


def _steps(found: Difference) -> tuple[Fold, ...]:
    lines = [f"{run.step} on {run.host}: {run.program} ({run.why})" for run in found.runs]
    lines += [f"{step}: no more; nothing runs for that" for step in found.ends]
    return (Fold(title=f"{len(found.runs)} of them, in their order", lines=tuple(lines)),) if lines else ()


def _files(found: Difference) -> Iterator[Fold]:
    for file in found.files:
        yield Fold(title=_file_title(file), lines=file.diff, diff=True)


def _file_title(file: FileChange) -> str:
    about = f", {', '.join(file.about)}" if file.about else ""
    secret = ", secret: not shown" if file.secret else ""
    return f"{file.path} on {', '.join(file.hosts)}: {file.change}{about}{secret}"


def _changed(found: Difference) -> list[GapChange]:
    return [gap for gap in found.gaps if gap.before != gap.after]


def _unchanged(found: Difference) -> tuple[str, ...]:
    if not found.gaps or _changed(found) or not found.changed:
        return ()
    return (f"unchanged: {', '.join(f'{gap.fault} {_seconds(gap.after)}' for gap in found.gaps if not gap.reads)}",)


def _gaps(found: Difference) -> tuple[tuple[str, ...], ...]:
    rows = [
        (gap.fault, "reads" if gap.reads else "writes", _seconds(gap.before), _seconds(gap.after))
        for gap in _changed(found)
    ]
    return (("fault", "of", "before", "after"), *rows) if rows else ()


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f} s"
