"""What is promised before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ops.plan.document import Document


@dataclass(frozen=True, kw_only=True)
class GapChange:
    """The longest wait for the next acknowledged write (or read) that is promised for a fault, in seconds; None: none
    is."""

    fault: str
    reads: bool
    before: float | None
    after: float | None

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "fault": self.fault,
            "of": "reads" if self.reads else "writes",
            "before_s": self.before,
            "after_s": self.after,
        }


def gap_changes(before: Document, after: Document) -> tuple[GapChange, ...]:
    """All that are promised, changed or not, so that a reader sees both."""
    found = []
    for reads in (False, True):
        old = before.read_promises if reads else before.promises
        new = after.read_promises if reads else after.promises
        found += [
            GapChange(fault=fault, reads=reads, before=old.get(fault), after=new.get(fault))
            for fault in dict.fromkeys((*old, *new))
        ]
    return tuple(found)
