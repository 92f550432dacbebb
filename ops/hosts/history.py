"""What a host's journal says of changes in the last hour (cloudinit/programs/host/facts_history.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: How far back hosts look (s).
SPAN = 3600.0


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line. `kind` `vrrp`: the instance `name` entered `state` (MASTER, BACKUP, FAULT); `server`: the host `name`
    (its name or address; empty: the one that tells) went `in` or `out` of service, as `via` says. `age_s`: how long
    ago."""

    age_s: float
    kind: str
    name: str
    state: str
    via: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class History:
    """The newest change first. `begins_s`: how long ago the journal begins, None: not known. `cut`: there were more
    than are told. `error`: why nothing is known."""

    changes: tuple[Change, ...] = ()
    begins_s: float | None = None
    cut: bool = False
    error: str = ""

    @property
    def known_s(self) -> float:
        """How much of the last hour it tells of (s)."""
        return 0.0 if self.error or self.begins_s is None else min(self.begins_s, SPAN)


def parse_history(said: Mapping[str, Any]) -> History | None:
    """From what host-facts said; None where it said nothing of it."""
    found = said.get("history")
    if not found:
        return None
    return History(
        changes=tuple(Change(**change) for change in found["changes"]),
        begins_s=found["begins_s"],
        cut=found["cut"],
        error=found["error"],
    )
