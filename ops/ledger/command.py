"""`hactl ledger`: what clients see while something is changed."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.ledger.run_ledger import run_ledger
from ops.options import JsonOption, ReportOption, StackOption, end_with, opened

_SECONDS = "End after so many seconds; without it at Enter or Ctrl-C."


def ledger_command(
    context: typer.Context,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1, max=86400, metavar="N", help=_SECONDS, show_default=False)
    ] = None,
    report: ReportOption = None,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let pooled clients write numbered rows through the VIP while you change something (`make up` in another
    terminal), then check every node. A stack without SQL is asked for its pages instead.

    Ends at Enter, Ctrl-C, or after --seconds. Exit code 0 only when no write was lost, the nodes are equal and no
    client saw a failed connection, a failed write or a failed request.
    """
    run = opened(context, stack, as_json)
    outcome = run_ledger(run, seconds=seconds)
    end_with(run, outcome, outcome.lines(), report)
