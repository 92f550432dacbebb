"""`hactl split-brain`: two hosts that were both written to, apart from each other."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.agree import ask, check_agreement
from ops.changing import only_change
from ops.errors import Exit, OpsError
from ops.options import EPILOG, JsonOption, StackOption, YesOption, opened, print_json
from ops.splitbrain.resolve import carry_out
from ops.status import look

app = typer.Typer(no_args_is_help=True, help="Two hosts that were both written to, apart from each other.")
EFFECT = "one host's data are discarded, after they were saved there,"


@app.command("resolve", epilog=EPILOG)
def resolve_command(
    context: typer.Context,
    discard: Annotated[
        str, typer.Option("--discard", metavar="HOST", help="The host whose data are given up.", show_default=False)
    ],
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save what a host wrote apart from the other one, discard it, and wait until both hold the other one's data.

    Asks first. Killed half-way, the same command goes on from there.
    """
    check_agreement(EFFECT, yes=yes)
    run = opened(context, stack, as_json)
    looked = look.look(run.inventory, run.shell)
    able = [component for component in looked.components.values() if discard in component.entry.hosts]
    found = next((one for component in able if (one := component.resolution(discard, looked.facts))), None)
    if found is None:
        raise OpsError(f"{discard} belongs to no component whose hosts could split", "name a host of one", Exit.REFUSED)
    ask(found.question, EFFECT, yes=yes)
    with only_change(run):
        said = carry_out(run.shell, found, lambda words: run.err.print(words, markup=False, soft_wrap=True))
    if run.json:
        print_json({"stack": run.stack, "discarded": discard, "said": said})
