"""`hactl switchover`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.drill.report import report_lines
from ops.errors import Exit
from ops.options import JsonOption, ReportOption, StackOption, YesOption, end_with, opened, print_json
from ops.switchover.run_switchover import measured, simple

_TO = "The host that is to serve; default: the one that stands by."
_LEDGER = "Let clients write numbered rows through the VIP meanwhile, and check every one of them on every server."


def switchover_command(
    context: typer.Context,
    to: Annotated[str | None, typer.Option("--to", metavar="HOST", help=_TO, show_default=False)] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help=_LEDGER)] = False,
    report: ReportOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let another host take writes, in order: no acknowledged write is lost, clients' sessions end and are opened anew.

    Refused, with the reason and without a change, where the other host could not take over at once. Asked for what is
    so already it does nothing.
    """
    run = opened(context, stack, as_json)
    if ledger:
        outcome = measured(run, to=to, yes=yes)
        if outcome is not None:
            end_with(run, outcome, report_lines(outcome), report)
        done = {"stack": run.stack, "changed": False}
    else:
        done = simple(run, to=to, yes=yes)
    if run.json:
        print_json(done)
    raise typer.Exit(Exit.GOOD)
