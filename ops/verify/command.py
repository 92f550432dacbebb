"""`hactl verify`."""

from __future__ import annotations

from typing import Any

import typer

from ops.component import Verification
from ops.errors import Exit, OpsError
from ops.options import JsonOption, StackOption, opened, print_json
from ops.progress import Progress
from ops.run import Run
from ops.status.look import look


def verify_command(context: typer.Context, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Compare the copies of a pair of disks block by block, while they are in use, and name the blocks that differ.

    Exit code 0 only where all are alike. Nothing is mended: the runbook says how. Asked for while one runs it waits for
    that one.
    """
    run = opened(context, stack, as_json)
    done = [verified(run, name, found) for name, found in planned(run).items()]
    alike = all(each["alike"] for each in done)
    if run.json:
        print_json({"stack": run.stack, "alike": alike, "components": done})
    elif not alike:
        run.out.print("What to do: docs/runbook.md, blocks that differ.")
    raise typer.Exit(Exit.GOOD if alike else Exit.UNHEALTHY)


def planned(run: Run) -> dict[str, Verification]:
    """What is to be compared, by component.

    Raises:
        OpsError: there is nothing, or not now.
    """
    looked = look(run.inventory, run.shell)
    asked = {name: component.verification(looked.facts) for name, component in looked.components.items()}
    if found := {name: one for name, one in asked.items() if one}:
        return found
    words = f"no component of stack {run.stack} has copies that could be compared while they are in use"
    raise OpsError(words, "`hactl status` shows what there is", Exit.REFUSED)


def verified(run: Run, name: str, found: Verification) -> dict[str, Any]:
    """One component's.

    Raises:
        OpsError: the host could not be reached, or lost on the way.
    """
    said: list[str] = []
    tell = Progress(run.err)

    def passed_on(line: str) -> None:
        said.append(line)
        tell(line if line.startswith(f"{found.host}: ") else f"{found.host}: {line}")

    answer = run.shell.follow(found.host, found.script, timeout=found.patience, say=passed_on)
    if not answer.reached:
        words = f"{found.host}: {answer.error}; the verification goes on there"
        raise OpsError(words, "run this again: it waits for the end of one that runs", Exit.UNREACHABLE)
    return {"component": name, "host": found.host, "alike": answer.good, "said": said}
