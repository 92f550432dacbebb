"""`hactl plan`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ops import paths
from ops.errors import Exit, OpsError
from ops.options import JsonOption, StackOption, chosen, print_json
from ops.plan.difference import difference
from ops.plan.markdown import LONGEST, markdown
from ops.plan.revision import revisions
from ops.plan.text import text_lines

EPILOG = (
    "Exit codes: 0 the change can be made, or there is none; 1 there is one (with --exit-code only); 2 wrong usage, or "
    "refused: by the rules of the settings, or by `up` itself; 3 a revision cannot be had, or its code makes no plan."
)


def plan_command(
    context: typer.Context,
    against: Annotated[
        str, typer.Option("--against", metavar="REF", help="The commit, branch or tag to compare with.")
    ] = "HEAD",
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="As a comment of a pull request, below 60,000 characters.")
    ] = False,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=2000, max=LONGEST, help="With --markdown: at most N characters.")
    ] = LONGEST,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 where there is a change, as `git diff --exit-code` does.")
    ] = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the working tree changes of a stack, compared with a commit: its settings and the program itself.

    Worked out from the plans of the two alone. No host, hypervisor, state of Pulumi or secret is needed: secrets are
    derived from a throw-away key, and are never shown. What was changed by hand on hosts is not seen: `hactl drift`
    and `pulumi preview` see it.
    """
    name, wants_json = chosen(context, stack, as_json)
    if wants_json and as_markdown:
        raise OpsError("--json and --markdown exclude each other", "choose one", Exit.REFUSED)
    found = difference(revisions(paths.ROOT, name, against))
    if wants_json:
        print_json(found.as_json())
    elif as_markdown:
        sys.stdout.write(markdown(found, most))
    else:
        sys.stdout.write("\n".join(text_lines(found)) + "\n")
    if found.will_be_refused:
        raise typer.Exit(Exit.REFUSED)
    raise typer.Exit(Exit.UNHEALTHY if exit_code and found.changed else Exit.GOOD)
