"""Letting a host take its place again, for the command line."""

from __future__ import annotations

from typing import Any

from ops.agree import ask, check_agreement
from ops.changing import only_change
from ops.component import Rejoining
from ops.components import components_of
from ops.errors import Exit, OpsError
from ops.paths import PROGRAMS
from ops.progress import Progress
from ops.run import Run
from ops.status.look import look

EFFECT = "it may discard what the host has of its own"


def planned(run: Run, host: str, *, anew: bool, discard: bool) -> Rejoining:
    """What is to be done.

    Raises:
        OpsError: refused, with the reason; it has its place (Exit.GOOD).
    """
    if host not in run.inventory.hosts:
        words = f"there is no host {host} in stack {run.stack}"
        raise OpsError(words, f"name one of {', '.join(run.inventory.hosts)}", Exit.REFUSED)
    facts = look(run.inventory, run.shell).facts
    for component in components_of(run.inventory).values():
        if found := component.rejoin(host, facts, anew=anew, discard=discard):
            return found
    words = f"{host} has no place in stack {run.stack} that it could be given back this way"
    raise OpsError(words, "`pulumi up` brings other roles up", Exit.REFUSED)


def run_rejoin(run: Run, host: str, *, anew: bool, discard: bool, yes: bool) -> dict[str, Any]:
    """The result for scripts.

    Raises:
        OpsError: refused, not agreed to, or not done; running it again goes on.
    """
    check_agreement(EFFECT, yes=yes)
    say = Progress(run.err)
    try:
        todo = planned(run, host, anew=anew, discard=discard)
    except OpsError as error:
        if error.code is not Exit.GOOD:
            raise
        say(error.what)
        return {"stack": run.stack, "host": host, "changed": False, "said": [error.what]}
    ask(todo.question, EFFECT, yes=yes)
    said: list[str] = []
    with only_change(run):
        for each, command in todo.commands:
            said += _follow(run, say, each, command, todo.patience)
    return {"stack": run.stack, "host": host, "changed": True, "said": said}


def _follow(run: Run, say: Progress, host: str, command: str, patience: float) -> list[str]:
    said: list[str] = []

    def passed_on(line: str) -> None:
        said.append(line if line.startswith(f"{host}: ") else f"{host}: {line}")
        say(said[-1])

    script = f"exec {PROGRAMS}/{command} </dev/null\n"
    answer = run.shell.follow(host, script, timeout=patience, say=passed_on)
    if answer.good:
        return said
    if not answer.reached:
        words = f"{host}: {command}: {answer.error}; it may still be at work there, or have stopped half-way"
        raise OpsError(words, "run this again", Exit.UNREACHABLE)
    what, _, todo = (said[-1] if said else f"{host}: {command} ended with {answer.code}").partition(". To do: ")
    raise OpsError(what, todo or "see `hactl status`, then run this again", Exit.UNHEALTHY)
