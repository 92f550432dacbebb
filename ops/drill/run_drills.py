"""Running drills for the command line: asking first, one at a time, results kept beside the history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.agree import ask, check_agreement
from ops.component import FaultKind
from ops.drill.consent import check_consent
from ops.drill.drill import Drill, Timing
from ops.drill.measured import markdown
from ops.drill.outcome import Outcome
from ops.drill.report import report_lines
from ops.drill.split import SplitDrill
from ops.errors import OpsError
from ops.ledger.lock import only_drill
from ops.paths import drills_dir
from ops.progress import Progress
from ops.run import Run
from ops.status.look import look

EFFECT = "a drill interrupts the service"
#: How long a stack may take to be healthy between two drills, in seconds.
SETTLE = 180.0


def _question(drill: Drill, target: str | None, stack: str) -> str:
    fault_kind, service = drill.fault_kind, drill.component.stopped(drill.fault_kind)
    scripted = drill.component.scripted(fault_kind, target) if target else None
    if scripted is not None:
        return f"{fault_kind} on stack {stack}: {scripted.words}? Clients will notice."
    whom = target or f"the {fault_kind.host_words} with most sessions"
    scripted = drill.component.scripted(fault_kind, whom)
    if scripted is not None:
        return f"{fault_kind} on stack {stack}: {scripted.words}? Clients will notice."
    if fault_kind.kills or service is None:
        if target:
            return f"{fault_kind} on stack {stack}: {drill.power.switch(target).words}? Clients will notice."
        cut = all(drill.power.switch(host).gives_back for host in drill.component.targets(fault_kind))
        action = "cut the power of" if cut else "reset"
    else:
        action = f"stop {service.words} on"
    return f"{fault_kind} on stack {stack}: {action} {whom}? Clients will notice."


def run_one(
    run: Run, fault_kind: FaultKind, *, target: str | None, yes: bool, timing: Timing, lose_writes: bool = False
) -> Outcome:
    """One drill from the first look to the result on disk. `lose_writes`: a fault that splits may cost acknowledged
    writes.

    Raises:
        OpsError: refused, or it could not be run to its end.
    """
    check_consent(run.inventory)
    check_agreement(EFFECT, yes=yes)
    directory = drills_dir(run.stack, run.root)
    with only_drill(directory):
        drill = (SplitDrill if fault_kind.splits else Drill)(
            inventory=run.inventory,
            shell=run.shell,
            power=run.power,
            fault_kind=fault_kind,
            target=target,
            directory=directory,
            say=Progress(run.err),
            timing=timing,
        )
        if isinstance(drill, SplitDrill):
            drill.lose_writes = lose_writes
        strikes = drill.check()
        ask(_question(drill, strikes, run.stack), EFFECT, yes=yes)
        outcome = drill.run()
    text = json.dumps(outcome.as_json(), indent=1) + "\n"
    drill.history_file.with_suffix(".json").write_text(text)
    return outcome


def run_matrix(
    run: Run, fault_kinds: Sequence[FaultKind], *, times: int, report: Path | None, timing: Timing
) -> tuple[dict[str, Any], bool]:
    """Each drill so many times; a drill that is refused is told in the report, and the others go on.

    Gives the results and whether all passed."""
    runs: dict[str, list[dict[str, Any]]] = {fault_kind.name: [] for fault_kind in fault_kinds}
    timing = replace(timing, settle=SETTLE)
    failed: dict[str, list[str]] = {fault_kind.name: [] for fault_kind in fault_kinds}
    reports: list[str] = []
    say = Progress(run.err)
    versions = look(run.inventory, run.shell).versions()
    for turn in range(times):
        for fault_kind in fault_kinds:
            say(f"{fault_kind}, run {turn + 1} of {times}")
            try:
                outcome = run_one(run, fault_kind, target=None, yes=True, timing=timing)
            except OpsError as error:
                failed[fault_kind.name].append(error.what)
                say(f"{fault_kind} could not be run: {error.what}")
                continue
            runs[fault_kind.name].append(outcome.as_json())
            reports.append("\n".join(report_lines(outcome)[:-1]))
            if report is not None:
                # After each drill: a matrix that is interrupted leaves what it measured.
                date = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
                text = markdown(run.inventory, runs, failed=failed, reports=reports, versions=versions, date=date)
                report.write_text(text)
    good = all(one["passed"] for done in runs.values() for one in done) and not any(failed.values())
    return {"stack": run.stack, "passed": good, "runs": runs, "failed": failed}, good
