"""`hactl drift`: which files were changed by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.drift.run_drift import run_drift
from ops.options import JsonOption, StackOption, YesOption, opened, print_json


def drift_command(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Put the files right, by the same way as `up`.")] = False,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which files were changed by hand on any host, and how. Secrets are never shown.

    Exit code 0 when there is none; 1 when there is, or when a host could not be asked. --repair asks first; what the
    cluster's nodes and the directors read is put right on one host after the other, and it stops at the first host that
    refuses.
    """
    run = opened(context, stack, as_json)
    found, code = run_drift(run, repair=repair, yes=yes)
    if run.json:
        print_json(found)
    raise typer.Exit(code)
