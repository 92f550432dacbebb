"""`hactl split-brain`: two hosts that were both written to, apart from each other."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from ops.agree import ask, check_agreement
from ops.errors import Exit, OpsError
from ops.options import EPILOG, JsonOption, StackOption, YesOption, opened, print_json
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
    said: list[str] = []

    def tell(host: str, words: str) -> None:
        said.append(f"{host}: {words}")
        run.err.print(said[-1], markup=False, soft_wrap=True)

    for host, script in found.commands:
        answer = run.shell.follow(host, script, timeout=found.patience, say=partial(tell, host))
        if not answer.good:
            reason = (answer.error.strip().splitlines() or [f"code {answer.code}"])[-1]
            raise OpsError(f"{host}: {reason}", "mend this, then run the same command again", Exit.UNHEALTHY)
    if run.json:
        print_json({"stack": run.stack, "discarded": discard, "said": said})
