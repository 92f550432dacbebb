"""`hactl status`: what each host says, and what is wrong."""

from __future__ import annotations

import typer

from ops.errors import Exit
from ops.options import JsonOption, StackOption, opened, print_json
from ops.status.look import as_json as as_object
from ops.status.look import look, look_closer
from ops.status.report import print_status


def status_command(context: typer.Context, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """What each host says, and what is wrong in words. Exit code 0 only when the stack is healthy; 4 when some hosts'
    state could not be had."""
    run = opened(context, stack, as_json)
    if run.err.is_terminal:
        with run.err.status(f"asking {len(run.inventory.hosts)} hosts of stack {run.stack}"):
            looked = look(run.inventory, run.shell)
    else:
        looked = look(run.inventory, run.shell)
    looked = look_closer(looked, run.shell)
    if run.json:
        print_json(as_object(run.inventory, looked))
    else:
        print_status(run.out, run.stack, looked)
    if looked.unknown:
        raise typer.Exit(Exit.UNKNOWN)
    if not looked.reached:
        raise typer.Exit(Exit.UNREACHABLE)
    raise typer.Exit(Exit.GOOD if looked.healthy else Exit.UNHEALTHY)
