"""The measured report: each drill several times, beside what the timers promise, as Markdown."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.inventory import Inventory

COLUMNS = (
    "drill",
    "runs",
    "promised",
    "write gap",
    "gap at repair",
    "healed after",
    "writes acknowledged",
    "lost",
    "client errors",
    "sessions broken",
    "healed",
    "nodes equal",
)

HEAD = "<!-- Written by `hactl drills`; changes are lost. -->"


def _machine() -> str:
    model = "unknown CPU"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def _figures(runs: Sequence[Mapping[str, Any]], key: str) -> str:
    values = [run[key] for run in runs if run[key] is not None]
    if not values:
        return "–"
    spread = f" ({min(values):.2f}–{max(values):.2f})" if len(values) > 1 else ""
    return f"{statistics.median(values):.2f}{spread}"


def _row(drill: str, runs: Sequence[Mapping[str, Any]], promised: float | None) -> str:
    total = {
        key: sum(run[key] for run in runs)
        for key in ("writes_acked", "writes_lost", "client_errors", "sessions_open", "sessions_broken")
    }
    equal = sum(run["nodes_equal"] for run in runs)
    healed = sum(run["healed"] for run in runs)
    cells = [
        drill,
        str(len(runs)),
        "–" if promised is None else f"{promised:.2f}",
        _figures(runs, "write_gap_s"),
        _figures(runs, "failback_gap_s"),
        _figures(runs, "heal_s"),
        str(total["writes_acked"]),
        str(total["writes_lost"]),
        str(total["client_errors"]),
        f"{total['sessions_broken']} of {total['sessions_open']}",
        f"{healed} of {len(runs)}",
        f"{equal} of {len(runs)}",
    ]
    return f"| {' | '.join(cells)} |"


def markdown(
    inventory: Inventory,
    runs: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    failed: Mapping[str, Sequence[str]],
    reports: Sequence[str],
    versions: Mapping[str, str],
    date: str,
) -> str:
    """The report. `runs`: results by drill; `failed`: drills that could not be run, with the reason; `reports`: each
    run's own report."""
    known = "; ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        HEAD,
        "# Measured",
        "",
        f"Stack `{inventory.stack}` ({inventory.system or 'system not named'}), {date}. Machine: {_machine()}."
        f" {known}.",
        "",
        "A gap is the longest time in which no write of any client was acknowledged; medians, with the span in"
        " brackets, in seconds.",
        "The promise is what the configured timers give; a client's own patience and the noise of the machine come"
        " on top.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|---" * len(COLUMNS) + "|",
        *(_row(drill, done, done[0]["promised_gap_s"]) for drill, done in runs.items() if done),
        "",
        *(f"- **{drill} could not be run**: {reason}" for drill, reasons in failed.items() for reason in reasons),
    ]
    for report in reports:
        lines += ["", "```text", report.rstrip(), "```"]
    return "\n".join(lines).rstrip() + "\n"
