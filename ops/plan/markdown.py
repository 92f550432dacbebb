"""A difference as Markdown for the comment of a pull request: the same for the same change, and short enough."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from ops.plan.difference import Difference
from ops.plan.report import Fold, Section, sections

#: Characters; GitHub takes 65,536 in a comment, GitLab more.
LONGEST = 60_000
#: Lines of one fold, from generous to none: the first of them with which all fits is taken.
LENGTHS = (400, 120, 40, 12, 0)


def marker(stack: str) -> str:
    """The first line, by which the comment is found that is to be updated."""
    return f"<!-- mariadb-ha plan of {stack} -->"


def markdown(found: Difference, most: int = LONGEST) -> str:
    """The whole comment, at most `most` characters."""
    for longest in LENGTHS:
        text = _text(found, longest)
        if len(text) <= most:
            return text
    # Thousands of files: what is most important stands first.
    words = "\n\n… and more than a comment can hold: `hactl plan` shows all of it.\n"
    lines = text[: most - len(words)].splitlines()[:-1]
    return "\n".join(lines) + words


def _text(found: Difference, longest: int) -> str:
    parts = [
        marker(found.stack),
        f"### Plan of stack {_plain(found.stack)}: {_plain(found.verdict)}",
        f"Compared with {_plain(found.against)}, from settings and program alone: no host was asked.",
        *(_section(section, longest) for section in sections(found)),
    ]
    return "\n\n".join(parts) + "\n"


def _section(section: Section, longest: int) -> str:
    parts = [f"#### {section.title}"]
    if section.lines:
        parts.append("\n".join(f"- {_plain(line)}" for line in section.lines))
    if section.rows:
        head, *rows = section.rows
        parts.append("\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows)]))
    bare = [fold for fold in section.folds if not fold.lines]
    parts += ["\n".join(f"- {_plain(fold.title)}" for fold in bare)] if bare else []
    parts += [_fold(fold, longest) for fold in section.folds if fold.lines]
    return "\n\n".join(parts)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _fold(fold: Fold, longest: int) -> str:
    if not longest:
        return f"- {_plain(fold.title)} ({len(fold.lines)} lines)"
    shown = list(fold.lines[:longest])
    left = len(fold.lines) - len(shown)
    shown += [f"… {left} more lines"] if left else []
    text = "\n".join(shown)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    opened = " open" if not fold.diff and len(fold.lines) <= 12 else ""
    return (
        f"<details{opened}><summary>{html.escape(fold.title, quote=False)}</summary>\n\n"
        f"{fence}{'diff' if fold.diff else 'text'}\n{text}\n{fence}\n\n</details>"
    )


def _plain(text: str) -> str:
    """Words that come from settings stay words: no markup, no link, and nobody is called by @."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\*\[\]<>|#~`]|(?<!\w)_|_(?!\w))", r"\\\1", text).replace("@", "@\u2060")
