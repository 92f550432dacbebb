"""`hactl rejoin` and `hactl rebuild`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.errors import Exit
from ops.options import JsonOption, StackOption, YesOption, opened, print_json
from ops.rejoin.run_rejoin import run_rejoin

HostArgument = Annotated[str, typer.Argument(metavar="HOST", show_default=False)]
_DISCARD = "What only this host has no longer counts: it becomes a copy, and its old data is kept aside on it."


def rejoin_command(
    context: typer.Context,
    host: HostArgument,
    discard: Annotated[bool, typer.Option("--discard-its-own", help=_DISCARD)] = False,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a host that lost its place take it again: replication that was stopped goes on, a copy that was cut short is
    finished.

    A host with transactions that nobody else has is refused, and told what they are, unless they may be discarded.
    May be run again at any time.
    """
    _run(context, host, stack, as_json, yes=yes, anew=False, discard=discard)


def rebuild_command(
    context: typer.Context,
    host: HostArgument,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a broken host a copy of the one that serves, whatever it has: its old data is kept aside on it.

    May be cut short and run again.
    """
    _run(context, host, stack, as_json, yes=yes, anew=True, discard=True)


def _run(
    context: typer.Context, host: str, stack: str | None, as_json: bool, *, yes: bool, anew: bool, discard: bool
) -> None:
    run = opened(context, stack, as_json)
    done = run_rejoin(run, host, anew=anew, discard=discard, yes=yes)
    if run.json:
        print_json(done)
    raise typer.Exit(Exit.GOOD)
