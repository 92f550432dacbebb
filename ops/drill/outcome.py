"""What a drill found, and how it is told to scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ops.component import FaultKind
from ops.drill.clients import READ_STEP
from ops.ledger.compare import Marks, equal, nodes_json, verdict, writes_json
from ops.ledger.store import Contents
from ops.ledger.writes import (
    Attempt,
    Gap,
    Result,
    Session,
    Verdict,
    acks,
    broken_sessions,
    longest_gap,
    open_sessions,
    served_by,
)


@dataclass
class DrillMarks(Marks):
    """`watched`: when the last full look at the stack began; looking slows a small machine, so the gap at the repair is
    measured until then."""

    fault: float | None = None
    repair: float | None = None
    watched: float | None = None
    healed: float | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Everything measured. Seconds throughout; gaps are intervals in which no write of any client was acknowledged.

    `load`: this machine's load average before the fault and at the end; above the number of its cores it adds to every
    gap. `fault`: what was done, in words. `noun`: what is counted as writes, `write` or `request`.
    """

    fault_kind: FaultKind
    stack: str
    target: str
    started_at: str
    promised_gap_s: float | None
    marks: DrillMarks
    attempts: Sequence[Attempt]
    failures: Sequence[tuple[float, str]]
    sessions: Sequence[Session]
    contents: Mapping[str, Contents | None]
    history: str
    reads: Sequence[tuple[float, str]] | None = None
    """When reads were served, and to whom; None where nobody reads elsewhere than where is written."""
    promised_read_gap_s: float | None = None
    load: tuple[float, float] = (0.0, 0.0)
    uncleaned: Sequence[str] = ()
    noun: str = "write"
    fault: str = ""
    discarded: str = ""
    """The host whose writes were given up to mend a split."""
    saved: str = ""
    """Where they were saved, on that host."""

    @property
    def given_up(self) -> frozenset[int]:
        """Writes that are lost because the host that had acknowledged them was discarded."""
        if not self.discarded:
            return frozenset()
        fault, _, _ = self.phases()
        lost = self.verdict.lost
        acked = [a for a in self.attempts if a.number in lost and a.result is Result.ACKED and a.end >= fault]
        servers = served_by(acked, self.sessions)
        return frozenset(number for number, server in servers.items() if server == self.discarded)

    @property
    def verdict(self) -> Verdict:
        """The ledger against what the nodes hold."""
        return verdict(self.attempts, self.contents)

    @property
    def healed(self) -> bool:
        """True when the stack was healthy again, failback included."""
        return self.marks.healed is not None

    @property
    def nodes_equal(self) -> bool:
        """True when every node answered and all hold the same rows under the same checksum."""
        return None not in self.contents.values() and equal(self.contents)

    @property
    def passed(self) -> bool:
        """True when nothing was lost but what was given up, the stack healed and the nodes are equal. The gap is shown,
        not judged: machines are noisy."""
        served = self.reads is None or bool(self.reads)
        found = replace(self.verdict, lost=self.verdict.lost - self.given_up)
        kept = not self.discarded or bool(self.saved)
        return kept and found.good and self.healed and self.nodes_equal and bool(acks(self.attempts)) and served

    def phases(self) -> tuple[float, float, float]:
        """Fault, repair and end, as far as it came."""
        end = self.marks.end if self.marks.end is not None else max((a.end for a in self.attempts), default=0.0)
        fault = self.marks.fault if self.marks.fault is not None else end
        return fault, self.marks.repair if self.marks.repair is not None else end, end

    def gap(self) -> Gap:
        """The longest write gap from the fault to the repair."""
        fault, repair, _ = self.phases()
        return longest_gap(acks(self.attempts), fault, repair)

    def settled(self) -> float | None:
        """Seconds from the repair to the last answer of another server than the one that answers at the end; None where
        answers do not tell their server.
        """
        _, repair, _ = self.phases()
        told = sorted((a.end, a.server) for a in self.attempts if a.server and a.result is Result.ACKED)
        others = [at for at, server in told if server != told[-1][1]]
        return round(max(max(others, default=repair) - repair, 0.0), 3) if told else None

    def _reads_json(self) -> dict[str, Any]:
        """Reads from the fault to the repair. `read_gap_s`: the longest for which no client was served;
        `client_read_gap_s`: for which a single one was not, up to `client_read_step_s` of which are its own.
        """
        if self.reads is None:
            return {}
        fault, repair, _ = self.phases()

        def gap(times: list[float]) -> float:
            return round(longest_gap(sorted(times), fault, repair).length, 3)

        each = {client: [at for at, who in self.reads if who == client] for client in {who for _, who in self.reads}}
        failed = [at for at, words in self.failures if words.startswith("read")]
        return {
            "reads_served": len(self.reads),
            "reads_served_fault": sum(fault <= at <= repair for at, _ in self.reads),
            "read_errors": sum(at >= fault for at in failed),
            "read_gap_s": gap([at for at, _ in self.reads]),
            "client_read_gap_s": max((gap(times) for times in each.values()), default=None),
            "promised_read_gap_s": self.promised_read_gap_s,
            "client_read_step_s": round(READ_STEP, 3),
        }

    def _given_up_json(self) -> dict[str, Any]:
        """Of `writes_lost` those that a split made necessary."""
        if not self.discarded:
            return {}
        return {
            "discarded": self.discarded,
            "saved": self.saved,
            "writes_given_up": len(self.given_up),
            "writes_lost_besides": len(self.verdict.lost - self.given_up),
        }

    @staticmethod
    def _baseline(times: list[float], fault: float) -> float | None:
        """The longest gap before the fault; None when nothing was written before it."""
        if not times or times[0] > fault:
            return None
        return round(longest_gap([t for t in times if t <= fault], times[0], fault).length, 3)

    def as_json(self) -> dict[str, Any]:
        """One flat object."""
        fault, repair, end = self.phases()
        times = acks(self.attempts)
        clients = sorted({a.client for a in self.attempts}, key=lambda name: (len(name), name))
        sessions = self.sessions
        quiet = self.marks.watched if self.marks.watched is not None else end
        return {
            "drill": self.fault_kind.name,
            "stack": self.stack,
            "target": self.target,
            "fault": self.fault,
            "started_at": self.started_at,
            "passed": self.passed,
            "counts": f"{self.noun}s",
            "write_gap_s": round(self.gap().length, 3),
            "promised_gap_s": self.promised_gap_s,
            "baseline_gap_s": self._baseline(times, fault),
            "failback_gap_s": round(longest_gap(times, repair, quiet).length, 3),
            "settled_s": self.settled(),
            "client_gap_s": {
                name: round(longest_gap(acks(self.attempts, name), fault, repair).length, 3) for name in clients
            },
            **writes_json(self.attempts, self.verdict),
            **self._given_up_json(),
            **self._reads_json(),
            "client_errors": sum(at >= fault for at, _ in self.failures),
            "client_errors_fault": sum(fault <= at <= repair for at, _ in self.failures),
            "client_errors_before": sum(at < fault for at, _ in self.failures),
            "sessions_open": len(open_sessions(sessions, fault)),
            "sessions_broken": len(broken_sessions(sessions, fault, repair)),
            "sessions_abandoned": len(broken_sessions(sessions, fault, repair, gave_up=True)),
            "failback_sessions_broken": len(broken_sessions(sessions, repair, end)),
            "failback_sessions_abandoned": len(broken_sessions(sessions, repair, end, gave_up=True)),
            "healed": self.healed,
            "heal_s": round(self.marks.healed - repair, 1) if self.marks.healed is not None else None,
            "nodes_equal": self.nodes_equal,
            "nodes": nodes_json(self.contents),
            "timeline": self.marks.timeline(),
            "load_average": [round(value, 2) for value in self.load],
            "history": self.history,
            "uncleaned": list(self.uncleaned),
        }
