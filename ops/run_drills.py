"""Running drills for the command line: asking first, one at a time, results kept beside the history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops import measured, status
from ops.agree import ask, check_agreement
from ops.context import Context
from ops.drill import Drill, Timing
from ops.drill_report import report_lines
from ops.errors import OpsError
from ops.faults import Kind
from ops.lock import only_drill
from ops.outcome import Outcome
from ops.paths import drills_dir
from ops.progress import Progress

DEED = "a drill interrupts the service"
#: How long a stack may take to be healthy between two drills, in seconds.
SETTLE = 180.0


def _question(kind: Kind, target: str | None, stack: str) -> str:
    whom = target or "the real server with most sessions"
    deed = "cut the power of" if kind.kills else ("stop keepalived on" if kind.role == "director" else "stop MariaDB on")
    return f"{kind} on stack {stack}: {deed} {whom}? Clients will notice."


def run_one(context: Context, kind: Kind, *, target: str | None, yes: bool, timing: Timing) -> Outcome:
    """One drill from the first look to the result on disk.

    Raises:
        OpsError: refused, or it could not be run to its end.
    """
    check_agreement(DEED, yes=yes)
    directory = drills_dir(context.stack, context.root)
    with only_drill(directory):
        drill = Drill(
            inventory=context.inventory,
            shell=context.shell,
            power=context.power,
            kind=kind,
            target=target,
            directory=directory,
            say=Progress(context.err),
            timing=timing,
        )
        strikes = drill.preflight()
        ask(_question(kind, strikes, context.stack), DEED, yes=yes)
        outcome = drill.run()
    text = json.dumps(outcome.as_json(), indent=1) + "\n"
    drill.history_file.with_suffix(".json").write_text(text)
    return outcome


def _versions(context: Context) -> dict[str, str]:
    looked = status.look(context.inventory, context.shell)
    found = {facts.wsrep.variables.get("version", "") for facts in looked.facts.values() if facts.wsrep and not facts.wsrep.error}
    galera = {facts.wsrep.text("provider_version") for facts in looked.facts.values() if facts.wsrep and not facts.wsrep.error}
    return {"MariaDB": ", ".join(sorted(found)), "Galera": ", ".join(sorted(galera))}


def run_matrix(context: Context, kinds: Sequence[Kind], *, times: int, report: Path | None, timing: Timing) -> tuple[dict[str, Any], bool]:
    """Each drill so many times; a drill that is refused is told in the report, and the others go on. Gives the results and whether all passed."""
    runs: dict[str, list[dict[str, Any]]] = {kind.value: [] for kind in kinds}
    timing = replace(timing, settle=SETTLE)
    failed: dict[str, list[str]] = {kind.value: [] for kind in kinds}
    reports: list[str] = []
    say = Progress(context.err)
    versions = _versions(context)
    for turn in range(times):
        for kind in kinds:
            say(f"{kind}, run {turn + 1} of {times}")
            try:
                outcome = run_one(context, kind, target=None, yes=True, timing=timing)
            except OpsError as error:
                failed[kind.value].append(error.what)
                say(f"{kind} could not be run: {error.what}")
                continue
            runs[kind.value].append(outcome.as_json())
            reports.append("\n".join(report_lines(outcome)[:-1]))
            if report is not None:
                # After each drill: a matrix that is interrupted leaves what it measured.
                date = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
                report.write_text(measured.markdown(context.inventory, runs, failed=failed, reports=reports, versions=versions, date=date))
    good = all(run["passed"] for done in runs.values() for run in done) and not any(failed.values())
    return {"stack": context.stack, "passed": good, "runs": runs, "failed": failed}, good
