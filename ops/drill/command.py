"""`hactl drill` and `hactl drills`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.agree import ask
from ops.component import Component, FaultKind
from ops.components import components_of, fault_kinds
from ops.drill.consent import check_consent
from ops.drill.drill import Timing
from ops.drill.report import report_lines
from ops.drill.run_drills import EFFECT, run_matrix, run_one
from ops.errors import Exit, OpsError
from ops.inventory import Inventory
from ops.options import JsonOption, ReportOption, StackOption, YesOption, end_with, opened, print_json

_MARKDOWN = "Write a Markdown report there, after every drill."
_LOSE = "For split-brain: writes that one of the two hosts acknowledges meanwhile may be lost."
_TARGET = "Default: the VIP's holder; the real server with most sessions."


if TYPE_CHECKING:
    FaultName = str
else:
    # Every fault of the kinds that are registered when hactl starts; typer lists them and refuses others.
    FaultName = StrEnum("FaultName", {name: name for name in fault_kinds()})


def faults_of(inventory: Inventory) -> list[FaultKind]:
    """Every fault that the stack's components know and that has a host to strike."""
    components = components_of(inventory).values()
    able = (fault for one in components for fault in one.faults if one.targets(fault) and may(one, fault))
    return list(dict.fromkeys(able))


def may(component: Component, fault: FaultKind) -> bool:
    """Whether a fault is made where nobody names it."""
    return component.may_split or not fault.splits


def fault_named(inventory: Inventory, name: str) -> FaultKind:
    """The fault of that name as the stack's components know it: two kinds may call theirs alike (`link-cut`). Where
    none of them does, another kind's, so that the words of the refusal can say what it would need.
    """
    own = {fault.name: fault for one in components_of(inventory).values() for fault in one.faults}
    struck = {
        fault.name: fault for one in components_of(inventory).values() for fault in one.faults if one.targets(fault)
    }
    return (fault_kinds() | own | struck)[name]


def drill_command(
    context: typer.Context,
    kind: Annotated[
        FaultName,
        typer.Argument(help="A stop is an orderly stop of the service, a kill a power cut.", show_default=False),
    ],
    target: Annotated[str | None, typer.Option("--target", metavar="HOST", help=_TARGET)] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, max=3600, help="How long the fault lasts at least, in seconds.")
    ] = Timing.during,
    lose_writes: Annotated[bool, typer.Option("--lose-writes", help=_LOSE)] = False,
    report: ReportOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make one fault while numbered writes go through the VIP, repair it, and check every write on every node.

    The stack must allow it in its settings (`drills: allowed`). The repair is armed before the fault is made, so that
    it comes by itself when this command is killed. Exit code 0 only when no acknowledged write was lost, the stack
    healed and all nodes are equal. Refuses an unhealthy stack. After split-brain the report says how many acknowledged
    writes the discarded side took with it.
    """
    run = opened(context, stack, as_json)
    outcome = run_one(
        run,
        fault_named(run.inventory, kind),
        target=target,
        yes=yes,
        timing=Timing(during=seconds),
        lose_writes=lose_writes,
    )
    end_with(run, outcome, report_lines(outcome), report)


def drills_command(
    context: typer.Context,
    kinds: Annotated[
        list[FaultName] | None, typer.Argument(help="Which drills, in this order.", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    times: Annotated[int, typer.Option("--times", min=1, max=100, help="How often each is run.")] = 1,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, max=3600, help="How long each fault lasts at least, in seconds.")
    ] = Timing.during,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", dir_okay=False, help=_MARKDOWN)] = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run several drills and write the measured report."""
    if every == bool(kinds):
        words = "which drills? neither names nor --all were given, or both"
        raise OpsError(words, "name some, or say --all", Exit.REFUSED)
    run = opened(context, stack, as_json)
    check_consent(run.inventory)
    wanted = faults_of(run.inventory) if every else [fault_named(run.inventory, name) for name in kinds or ()]
    if not wanted:
        words = f"no component of stack {run.stack} has a fault that could be drilled"
        raise OpsError(words, "drill a stack with another system", Exit.REFUSED)
    question = f"{len(wanted)} kinds of drills, {times} time(s) each, on stack {run.stack}? Clients will notice."
    ask(question, EFFECT, yes=yes)
    results, good = run_matrix(run, wanted, times=times, report=report, timing=Timing(during=seconds))
    if run.json:
        print_json(results)
    else:
        for drill, done in results["runs"].items():
            for one in done:
                words = "passed" if one["passed"] else "FAILED"
                gap = f"write gap {one['write_gap_s']} s (promised {one['promised_gap_s']} s)"
                run.out.print(f"{drill}: {words}, {gap}, {one['writes_lost']} lost")
        for drill, reasons in results["failed"].items():
            for reason in reasons:
                run.out.print(f"{drill}: could not be run: {reason}", markup=False)
    raise typer.Exit(Exit.GOOD if good else Exit.UNHEALTHY)
