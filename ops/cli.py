"""The command line of hactl."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from ops import outputs
from ops.connect.command import connect_command, env_command
from ops.drift.command import drift_command
from ops.drill.command import drill_command, drills_command
from ops.errors import Exit, Interrupted, OpsError
from ops.ledger.command import ledger_command
from ops.options import EPILOG, JsonOption, StackOption, chosen, print_json
from ops.plan.command import EPILOG as PLAN_EPILOG
from ops.plan.command import plan_command
from ops.rejoin.command import rebuild_command, rejoin_command
from ops.run import Options
from ops.splitbrain.command import app as split_brain_app
from ops.status.command import status_command
from ops.switchover.command import switchover_command
from ops.verify.command import verify_command

app = typer.Typer(
    name="hactl", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG
)


@app.callback()
def common(context: typer.Context, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Look after a highly available MariaDB stack: status, drift, plans of changes, failure drills, and what clients
    see of a change."""
    context.obj = Options(stack=stack, json=as_json)


@app.command("inventory", epilog=EPILOG)
def inventory_command(
    context: typer.Context,
    source: Annotated[
        typer.FileText | None,
        typer.Option(
            "--outputs",
            metavar="FILE",
            help="Outputs of a stack that another program has declared (`pulumi stack output --json`); - for standard "
            "input. Without it Pulumi is asked for this project's stack.",
        ),
    ] = None,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the inventory from Pulumi's outputs, without secrets. The other commands need it, and not Pulumi."""
    name, wants_json = chosen(context, stack, as_json)
    path = outputs.write_inventory(name, given=outputs.given_outputs(source.read(), source.name) if source else None)
    if wants_json:
        print_json(json.loads(path.read_text()))
    else:
        typer.echo(f"inventory of stack {name} written to {path}")


app.command("status", epilog=EPILOG)(status_command)
app.command("drill", epilog=EPILOG)(drill_command)
app.command("drills", epilog=EPILOG)(drills_command)
app.command("drift", epilog=EPILOG)(drift_command)
app.command("plan", epilog=PLAN_EPILOG)(plan_command)
app.command("connect", epilog=EPILOG)(connect_command)
app.command("env", epilog=EPILOG)(env_command)
app.command("ledger", epilog=EPILOG)(ledger_command)
app.add_typer(split_brain_app, name="split-brain")
app.command("switchover", epilog=EPILOG)(switchover_command)
app.command("verify", epilog=EPILOG)(verify_command)
app.command("rejoin", epilog=EPILOG)(rejoin_command)
app.command("rebuild", epilog=EPILOG)(rebuild_command)


def main() -> None:
    """Runs hactl. A user's mistake or a sick stack ends in words, never in a traceback."""
    err = Console(stderr=True, highlight=False)
    try:
        app(prog_name="hactl")
    except OpsError as error:
        if "--json" in sys.argv:
            print_json({"error": error.what, "todo": error.todo, "exit_code": int(error.code)})
        err.print(f"hactl: {error.what}", markup=False, soft_wrap=True)
        err.print(f"       To do: {error.todo}.", markup=False, soft_wrap=True)
        sys.exit(error.code)
    except (Interrupted, KeyboardInterrupt) as error:
        err.print(f"hactl: interrupted{f' by {error}' if str(error) else ''}", markup=False)
        sys.exit(Exit.UNHEALTHY)
    except BrokenPipeError:
        sys.exit(Exit.UNHEALTHY)
