"""A drill's report for people: the answer first, then the gap as a picture, then what else was counted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ops.drill.outcome import Outcome
from ops.ledger.compare import nodes_line, writes_lines, wrong_lines
from ops.ledger.plot import plot_gap
from ops.ledger.writes import acks


def _gap_words(gap: float, promised: float | None) -> str:
    if promised is None:
        return f"{gap:.2f} s (nothing promised)"
    kept = "kept" if round(gap, 2) <= promised else f"{gap - promised:.2f} s longer"
    return f"{gap:.2f} s, promised {promised:.2f} s: {kept}"


def _reads_lines(data: Mapping[str, Any]) -> list[str]:
    """Reads, where they have an endpoint of their own."""
    if "reads_served" not in data:
        return []
    promised, single = data["promised_read_gap_s"], data["client_read_gap_s"]
    own = f"up to {data['client_read_step_s']:.2f} s of a client's own"
    said = "nothing promised" if promised is None else f"promised {promised:.2f} s, and {own}"
    return [
        f"reads              {data['reads_served_fault']} served from the fault to the repair, {data['read_errors']}"
        " errors",
        f"  longest pause    {data['read_gap_s']:.2f} s for all clients, {single or 0:.2f} s for a single one ({said})",
    ]


def _given_up_lines(data: Mapping[str, Any]) -> list[str]:
    """What a split has cost."""
    if "discarded" not in data:
        return []
    given, besides, host = data["writes_given_up"], data["writes_lost_besides"], data["discarded"]
    return [
        f"  given up         {given} of the lost writes: {host} acknowledged them while both served, and was discarded:"
        " that is a split's cost",
        f"                   {besides} lost besides; what {host} had is saved there in {data['saved'] or 'NO FILE'}",
    ]


def report_lines(outcome: Outcome) -> list[str]:
    """The whole report."""
    data = outcome.as_json()
    gap, settled = outcome.gap(), data["settled_s"]
    fault, _, _ = outcome.phases()
    healed = f"{data['heal_s']:.0f} s after the repair" if outcome.healed else "NO"
    lines = [
        f"{outcome.fault_kind} of {outcome.target}, stack {outcome.stack}, {outcome.started_at}:"
        f" {'PASSED' if outcome.passed else 'FAILED'}",
        *([f"fault              {outcome.fault}"] if outcome.fault else []),
        "",
        f"{f'{outcome.noun} gap':<18} {_gap_words(gap.length, outcome.promised_gap_s)}",
        f"  before the fault {data['baseline_gap_s'] or 0:.2f} s was the longest pause between two {outcome.noun}s",
        f"  at the repair    {data['failback_gap_s']:.2f} s",
        "",
        *plot_gap(acks(outcome.attempts), fault=fault, gap_start=gap.start, gap_end=gap.end, noun=outcome.noun),
        "",
        *writes_lines(data),
        *_given_up_lines(data),
        *_reads_lines(data),
        f"client errors      {data['client_errors_fault']} from the fault to the repair, {data['client_errors']} in"
        " all",
        f"sessions           {data['sessions_open']} open at the fault: {data['sessions_broken']} broken,"
        f" {data['sessions_abandoned']} given up by"
        f" impatient clients; at the repair {data['failback_sessions_broken']} broken,"
        f" {data['failback_sessions_abandoned']} given up",
        f"healed             {healed}",
        *([] if settled is None else [f"one server         answers all, {settled:.2f} s after the repair"]),
        nodes_line(data),
        "",
        "timeline (seconds of the fault)",
        *(f"  {at - fault:+8.2f}  {words}" for at, words in outcome.marks.events),
        "",
        f"load average       {outcome.load[0]:.1f} before, {outcome.load[1]:.1f} at the end, on {os.cpu_count()} cores",
        f"history            {outcome.history}",
    ]
    lines += wrong_lines(outcome.verdict)
    lines += [f"NOT CLEANED UP     {words}" for words in outcome.uncleaned]
    return lines
