"""The ledger: uniquely numbered writes, what became of each, and the checker that compares them with what the nodes
hold.

Pure: a history from a file can be checked again by anybody. All times are seconds since the workload began.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Result(StrEnum):
    """What a client knows of its write: acknowledged, refused for certain, or unknown (it may have been done)."""

    ACKED = "acked"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One write, or one request, by one client. `number` is unique in the run: a retry is a new number. `server`: who
    answered, where that is told with the answer."""

    number: int
    client: str
    start: float
    end: float
    result: Result
    error: str = ""
    server: str = ""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One connection of a client. `broken` is when it died by an error, None when it did not; `gave_up`: by the
    client's own timeout."""

    client: str
    server: str
    opened: float
    broken: float | None = None
    error: str = ""
    gave_up: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the nodes hold, measured against what clients were told. All four sets should be empty."""

    lost: frozenset[int]  # acknowledged, but missing on at least one node
    duplicated: frozenset[int]  # held more than once
    phantom: frozenset[int]  # refused for certain, but held
    stranger: frozenset[int]  # held, but no client wrote it

    @property
    def good(self) -> bool:
        """True when every node holds the truth."""
        return not (self.lost or self.duplicated or self.phantom or self.stranger)


def check(attempts: Iterable[Attempt], present: Mapping[str, Sequence[int]]) -> Verdict:
    """Compares the history with the numbers that each node holds. An unknown write may be held or not."""
    by_result: dict[Result, set[int]] = {result: set() for result in Result}
    for attempt in attempts:
        by_result[attempt.result].add(attempt.number)
    tried = set().union(*by_result.values())
    lost: set[int] = set()
    duplicated: set[int] = set()
    held: set[int] = set()
    for numbers in present.values():
        counted = Counter(numbers)
        lost |= by_result[Result.ACKED] - counted.keys()
        duplicated |= {number for number, times in counted.items() if times > 1}
        held |= counted.keys()
    return Verdict(
        lost=frozenset(lost),
        duplicated=frozenset(duplicated),
        phantom=frozenset(held & by_result[Result.REFUSED]),
        stranger=frozenset(held - tried),
    )


def acks(attempts: Iterable[Attempt], client: str | None = None) -> list[float]:
    """When writes were acknowledged, in order; of one client or of all."""
    return sorted(a.end for a in attempts if a.result is Result.ACKED and client in (None, a.client))


@dataclass(frozen=True, kw_only=True)
class Gap:
    """An interval without any acknowledged write, in seconds since the workload began."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


def longest_gap(times: Sequence[float], start: float, end: float) -> Gap:
    """The longest interval without an acknowledgement that touches [start, end].

    It begins at an acknowledgement (the last one before `start` counts) and ends at the next one; where none follows,
    at `end`.
    """
    before = [t for t in times if t <= start]
    after = [t for t in times if t > end]
    points = [before[-1] if before else start, *(t for t in times if start < t <= end)]
    points.append(after[0] if after else max(end, points[-1]))
    pairs = [Gap(start=a, end=b) for a, b in pairwise(points)]
    return max(pairs, key=lambda gap: gap.length)


def broken_sessions(sessions: Iterable[Session], start: float, end: float, *, gave_up: bool = False) -> list[Session]:
    """Sessions that were open at `start` and died until `end`: by an error, or (`gave_up`) because their client would
    not wait longer."""
    return [
        s
        for s in sessions
        if s.opened <= start and s.broken is not None and start <= s.broken <= end and s.gave_up is gave_up
    ]


def served_by(attempts: Iterable[Attempt], sessions: Iterable[Session]) -> dict[int, str]:
    """By number the server that answered: told with the answer, or the one of the client's session then; empty: not
    known.
    """
    mine: dict[str, list[Session]] = {}
    for session in sorted(sessions, key=lambda s: s.opened):
        mine.setdefault(session.client, []).append(session)
    found = {}
    for attempt in attempts:
        own = mine.get(attempt.client, [])
        place = bisect_right(own, attempt.start, key=lambda s: s.opened)
        found[attempt.number] = attempt.server or (own[place - 1].server if place else "")
    return found


def open_sessions(sessions: Iterable[Session], at: float) -> list[Session]:
    """Sessions that were open at a moment."""
    return [s for s in sessions if s.opened <= at and (s.broken is None or s.broken > at)]
