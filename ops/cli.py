"""The command line of hactl."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops import cli_changes, outputs, status
from ops.agree import ask
from ops.context import Options
from ops.drill import Timing
from ops.drill_report import report_lines
from ops.errors import Exit, Interrupted, OpsError
from ops.faults import Kind
from ops.options import EPILOG, JsonOption, StackOption, YesOption, chosen, opened, print_json, tell
from ops.run_drills import DEED, run_matrix, run_one
from ops.status_report import print_status

app = typer.Typer(name="hactl", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG)

@app.callback()
def common(context: typer.Context, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Look after a highly available MariaDB stack: status, drift, failure drills, and what clients see of a change."""
    context.obj = Options(stack=stack, json=as_json)


@app.command("inventory", epilog=EPILOG)
def inventory_command(context: typer.Context, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Write the inventory from Pulumi's outputs, without secrets. The other commands need it, and not Pulumi."""
    name, wants_json = chosen(context, stack, as_json)
    path = outputs.write_inventory(name)
    if wants_json:
        print_json(json.loads(path.read_text()))
    else:
        typer.echo(f"inventory of stack {name} written to {path}")


@app.command("status", epilog=EPILOG)
def status_command(context: typer.Context, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """What each host says, and what is wrong in words. Exit code 0 only when the stack is healthy; 4 when some hosts' state could not be had."""
    run = opened(context, stack, as_json)
    if run.err.is_terminal:
        with run.err.status(f"asking {len(run.inventory.hosts)} hosts of stack {run.stack}"):
            looked = status.look(run.inventory, run.shell)
    else:
        looked = status.look(run.inventory, run.shell)
    looked = status.with_tables(looked, run.shell)
    if run.json:
        print_json(status.as_json(run.inventory, looked))
    else:
        print_status(run.out, run.inventory, looked.facts, looked.problems)
    if looked.unknown:
        raise typer.Exit(Exit.UNKNOWN)
    if not looked.reached:
        raise typer.Exit(Exit.UNREACHABLE)
    raise typer.Exit(Exit.GOOD if looked.healthy else Exit.UNHEALTHY)


@app.command("drill", epilog=EPILOG)
def drill_command(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="A stop is an orderly stop of the service, a kill a power cut.", show_default=False)],
    target: Annotated[str | None, typer.Option("--target", metavar="HOST", help="Default: the VIP's holder; the real server with most sessions.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3600, help="How long the fault lasts at least, in seconds.")] = Timing.during,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", dir_okay=False, help="Write the readable report there too.")] = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make one fault while numbered writes go through the VIP, repair it, and check every write on every node.

    Exit code 0 only when no acknowledged write was lost, the stack healed and all nodes are equal. Refuses an unhealthy stack.
    """
    run = opened(context, stack, as_json)
    outcome = run_one(run, kind, target=target, yes=yes, timing=Timing(during=seconds))
    tell(run, outcome, report_lines(outcome), report)


@app.command("drills", epilog=EPILOG)
def drills_command(
    context: typer.Context,
    kinds: Annotated[list[Kind] | None, typer.Argument(help="Which drills, in this order.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    times: Annotated[int, typer.Option("--times", min=1, max=100, help="How often each is run.")] = 1,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3600, help="How long each fault lasts at least, in seconds.")] = Timing.during,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", dir_okay=False, help="Write a Markdown report there, after every drill.")] = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run several drills and write the measured report."""
    if every == bool(kinds):
        raise OpsError("which drills? neither names nor --all were given, or both", "name some, or say --all", Exit.REFUSED)
    wanted = list(Kind) if every else list(kinds or ())
    run = opened(context, stack, as_json)
    ask(f"{len(wanted)} kinds of drills, {times} time(s) each, on stack {run.stack}? Clients will notice.", DEED, yes=yes)
    results, good = run_matrix(run, wanted, times=times, report=report, timing=Timing(during=seconds))
    if run.json:
        print_json(results)
    else:
        for drill, done in results["runs"].items():
            for one in done:
                words = "passed" if one["passed"] else "FAILED"
                run.out.print(f"{drill}: {words}, write gap {one['write_gap_s']} s (promised {one['promised_gap_s']} s), {one['writes_lost']} lost")
        for drill, reasons in results["failed"].items():
            for reason in reasons:
                run.out.print(f"{drill}: could not be run: {reason}", markup=False)
    raise typer.Exit(Exit.GOOD if good else Exit.UNHEALTHY)


cli_changes.add_to(app)


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
