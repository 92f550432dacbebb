"""Options that the commands of hactl share, and how they are read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn, Protocol

import typer

from ops.errors import Exit, OpsError
from ops.run import DEFAULT_STACK, Options, Run, open_run

EPILOG = (
    "Exit codes: 0 good; 1 the stack is unhealthy, files have drifted, clients saw failures, or a drill failed or was "
    "interrupted; 2 wrong usage, or refused; 3 no inventory, or nothing can be reached; 4 the state of some hosts "
    "could not be had (slow to answer), and nothing is known to be wrong. --stack and --json may stand before or after "
    "the command."
)

StackOption = Annotated[
    str | None,
    typer.Option("--stack", "-s", metavar="NAME", help=f"Stack; default {DEFAULT_STACK}.", show_default=False),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="One JSON object on standard output; progress on standard error.", show_default=False),
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", dir_okay=False, help="Write the readable report there too.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def chosen(context: typer.Context, stack: str | None, as_json: bool) -> tuple[str, bool]:
    """The stack and whether JSON is wanted, from before and after the command.

    Raises:
        OpsError: two stacks, or something that is not a stack's name.
    """
    before: Options = context.obj
    if stack and before.stack and stack != before.stack:
        raise OpsError(f"--stack says both {before.stack} and {stack}", "name one stack", Exit.REFUSED)
    name = stack or before.stack or DEFAULT_STACK
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name.startswith("."):
        raise OpsError(
            f"--stack {name!r} is not a stack's name",
            "letters, digits, dash, underscore and dot are allowed",
            Exit.REFUSED,
        )
    return name, as_json or before.json


def opened(context: typer.Context, stack: str | None, as_json: bool) -> Run:
    """Everything for a command that talks to hosts. See `open_run`."""
    return open_run(*chosen(context, stack, as_json))


def print_json(data: dict[str, Any]) -> None:
    """One object on standard output."""
    sys.stdout.write(json.dumps(data, indent=1) + "\n")


class Reported(Protocol):
    """What a drill or a ledger ends with."""

    @property
    def passed(self) -> bool:
        """True when all that it promises held."""

    def as_json(self) -> dict[str, Any]:
        """The figures."""


def end_with(run: Run, outcome: Reported, lines: Iterable[str], report: Path | None) -> NoReturn:
    """The outcome as JSON or as its readable lines, which go to the file `report` too; ends the command."""
    text = "\n".join(lines) + "\n"
    if report is not None:
        report.write_text(text)
    if run.json:
        print_json(outcome.as_json())
    else:
        run.out.print(text, markup=False, soft_wrap=True, end="")
    raise typer.Exit(Exit.GOOD if outcome.passed else Exit.UNHEALTHY)
