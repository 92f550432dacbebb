"""What `hactl ledger` found, for scripts and for people."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.ledger.compare import (
    DONE,
    Held,
    Marks,
    equal,
    nodes_json,
    nodes_line,
    not_answering,
    verdict,
    writes_json,
    writes_lines,
    wrong_lines,
)
from ops.ledger.plot import plot_gap
from ops.ledger.pool import BUSY_NAME
from ops.ledger.writes import Attempt, Gap, Result, Session, Verdict, acks, longest_gap

#: Failures that are told one by one, at most.
SHOWN = 20
#: A pause between two writes that is worth a picture, in seconds.
WORTH_A_PLOT = 0.5


@dataclass(frozen=True, kw_only=True)
class LedgerOutcome:
    """Everything that the clients saw and the nodes hold. Seconds throughout, from the moment when the clients started.

    `counts`: what happened to the pools (see `ops.ledger.pool`); `ended_by`: what ended the recording, in words;
    `noun`: what is counted as writes, `write` or `request`.
    """

    stack: str
    started_at: str
    ended_by: str
    marks: Marks
    counts: Mapping[str, int]
    attempts: Sequence[Attempt]
    failures: Sequence[tuple[float, str]]
    sessions: Sequence[Session]
    contents: Held
    history: str
    load: tuple[float, float] = (0.0, 0.0)
    uncleaned: Sequence[str] = ()
    noun: str = "write"

    @property
    def verdict(self) -> Verdict:
        """The ledger against what the nodes that answered hold."""
        return verdict(self.attempts, self.contents)

    @property
    def failed(self) -> int:
        """Failed connections and failed writes, or requests, as an application would have seen them."""
        return self.counts.get("connect", 0) + self.counts.get(self.noun, 0)

    @property
    def passed(self) -> bool:
        """True when writes flowed, none was lost, the nodes are equal, and no client saw a failure."""
        return bool(acks(self.attempts)) and self.verdict.good and equal(self.contents) and not self.failed

    def gap(self) -> Gap:
        """The longest time in which no write of any client was acknowledged, from the first acknowledgement to the
        clients' end."""
        return self._gap(None)

    def client_gaps(self) -> dict[str, float]:
        """The same of each busy client; the idle ones pause on purpose."""
        names = sorted(
            {a.client for a in self.attempts if a.client.startswith(BUSY_NAME)}, key=lambda name: (len(name), name)
        )
        return {name: round(self._gap(name).length, 3) for name in names}

    def _end(self) -> float:
        return self.marks.end if self.marks.end is not None else max((a.end for a in self.attempts), default=0.0)

    def _gap(self, client: str | None) -> Gap:
        times = acks(self.attempts, client)
        return longest_gap(times, times[0] if times else 0.0, self._end())

    def as_json(self) -> dict[str, Any]:
        """One flat object."""
        gap = self.gap()
        return {
            "stack": self.stack,
            "started_at": self.started_at,
            "ended_by": self.ended_by,
            "passed": self.passed,
            "counts": f"{self.noun}s",
            "duration_s": round(self._end(), 1),
            "write_gap_s": round(gap.length, 3),
            "write_gap_at_s": round(gap.start, 3),
            "client_gap_s": self.client_gaps(),
            "slowest_write_s": round(
                max((a.end - a.start for a in self.attempts if a.result is Result.ACKED), default=0.0), 3
            ),
            **writes_json(self.attempts, self.verdict),
            "failed_connections": self.counts.get("connect", 0),
            "failed_writes": self.counts.get(self.noun, 0),
            "retried": self.counts.get("retried", 0),
            "sessions_opened": self.counts.get("opened", 0),
            "sessions_recycled": self.counts.get("recycled", 0),
            "sessions_replaced": self.counts.get("replaced", 0),
            "sessions_by_server": dict(sorted(Counter(session.server for session in self.sessions).items())),
            "nodes_equal": equal(self.contents),
            "nodes_silent": not_answering(self.contents),
            "nodes": nodes_json(self.contents),
            "failures": [{"t": round(at, 3), "error": words} for at, words in self.failures[:SHOWN]],
            "timeline": self.marks.timeline(),
            "load_average": [round(value, 2) for value in self.load],
            "history": self.history,
            "uncleaned": list(self.uncleaned),
        }

    def lines(self) -> list[str]:
        """The report for people: the answer first."""
        data, gap, noun = self.as_json(), self.gap(), self.noun
        retried = f" ({data['retried']} writes were tried again after a deadlock)" if noun == "write" else ""
        lines = [
            f"ledger of stack {self.stack}, {self.started_at}, {data['duration_s']:.0f} s:"
            f" {'PASSED' if self.passed else 'FAILED'}",
            "",
            f"{f'{noun} gap':<18} {gap.length:.2f} s was the longest time without an {DONE[noun]} {noun},"
            f" {gap.start:.1f} s after the start",
            f"  of one client    {max(data['client_gap_s'].values(), default=0.0):.2f} s at the most; the slowest"
            f" {noun} took {data['slowest_write_s']:.2f} s",
            "",
        ]
        if gap.length >= WORTH_A_PLOT:
            lines += [
                *plot_gap(
                    acks(self.attempts),
                    fault=gap.start,
                    gap_start=gap.start,
                    gap_end=gap.end,
                    begins="gap begins",
                    noun=noun,
                ),
                "",
            ]
        lines += [
            *writes_lines(data),
            f"failures           {data['failed_connections']} connections, {data['failed_writes']} {noun}s{retried}",
            f"sessions           {data['sessions_opened']} opened"
            f" ({', '.join(f'{host} {n}' for host, n in data['sessions_by_server'].items())}):"
            f" {data['sessions_recycled']} renewed for their age, {data['sessions_replaced']} found dead by their"
            " pool and replaced",
            nodes_line(data),
        ]
        if data["nodes_silent"]:
            lines.append(f"                   not compared: {', '.join(data['nodes_silent'])}")
        lines += ["", "timeline (seconds since the clients started)"]
        told = [*self.marks.events, *((at, f"FAILED {words}") for at, words in self.failures[:SHOWN])]
        lines += [f"  {at:8.2f}  {words}" for at, words in sorted(told)]
        if len(self.failures) > SHOWN:
            lines.append(f"  … and {len(self.failures) - SHOWN} failures more, in the history")
        lines += [
            "",
            f"load average       {self.load[0]:.1f} before, {self.load[1]:.1f} at the end, on {os.cpu_count()} cores",
            f"history            {self.history}",
        ]
        return lines + wrong_lines(self.verdict) + [f"NOT CLEANED UP     {words}" for words in self.uncleaned]
