"""A difference for the terminal: the same sections, all lines."""

from __future__ import annotations

from collections.abc import Iterator

from ops.plan.difference import Difference
from ops.plan.report import sections


def text_lines(found: Difference) -> Iterator[str]:
    """Line by line."""
    yield f"Plan of stack {found.stack}, compared with {found.against}: {found.verdict}"
    for section in sections(found):
        yield ""
        yield section.title
        yield from (f"  {line}" for line in section.lines)
        width = [max(map(len, column)) for column in zip(*section.rows, strict=True)] if section.rows else []
        for row in section.rows:
            yield "  " + "  ".join(cell.ljust(size) for cell, size in zip(row, width, strict=True)).rstrip()
        for fold in section.folds:
            yield f"  {fold.title}"
            yield from (f"    {line}" for line in fold.lines)
