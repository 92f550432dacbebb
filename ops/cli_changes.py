"""Commands of hactl around changes in place: what was changed by hand, and what clients see while something is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ops.options import EPILOG, JsonOption, StackOption, YesOption, opened, print_json, tell
from ops.run_drift import run_drift
from ops.run_ledger import run_ledger


def drift_command(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Put the files right, by the same way as `up`.")] = False,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which files were changed by hand on any host, and how. Secrets are never shown.

    Exit code 0 when there is none; 1 when there is, or when a host could not be asked. --repair asks first; what the cluster's nodes and
    the directors read is put right on one host after the other, and it stops at the first host that refuses.
    """
    run = opened(context, stack, as_json)
    found, code = run_drift(run, repair=repair, yes=yes)
    if run.json:
        print_json(found)
    raise typer.Exit(code)


def ledger_command(
    context: typer.Context,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=1, max=86400, metavar="N", help="End after so many seconds; without it at Enter or Ctrl-C.", show_default=False),
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", dir_okay=False, help="Write the readable report there too.")] = None,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let pooled clients write numbered rows through the VIP while you change something (`make up` in another terminal), then check every node.

    Ends at Enter, Ctrl-C, or after --seconds. Exit code 0 only when no write was lost, the nodes are equal and no client saw a failed
    connection or a failed write.
    """
    run = opened(context, stack, as_json)
    outcome = run_ledger(run, seconds=seconds)
    tell(run, outcome, outcome.lines(), report)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("drift", epilog=EPILOG)(drift_command)
    app.command("ledger", epilog=EPILOG)(ledger_command)
