"""Looking for drift, and repairing it, for the command line."""

from __future__ import annotations

from typing import Any

from ops.agree import ask, check_agreement
from ops.context import Context
from ops.drift import HostDrift, clean, look_for_drift
from ops.drift_report import print_drift
from ops.errors import Exit
from ops.progress import Progress
from ops.repair import Repairing

DEED = "a repair may restart MariaDB on one node after the other"

Found = dict[str, HostDrift]


def _look(context: Context) -> Found:
    if not context.err.is_terminal:
        return look_for_drift(context.inventory, context.shell)
    with context.err.status(f"asking {len(context.inventory.hosts)} hosts of stack {context.stack}"):
        return look_for_drift(context.inventory, context.shell)


def _code(found: Found) -> Exit:
    if not any(one.reached for one in found.values()):
        return Exit.UNREACHABLE
    return Exit.GOOD if clean(found) else Exit.UNHEALTHY


def _question(context: Context, found: Found) -> str:
    files = sum(len(one.files) for one in found.values())
    what = f"Put {files} file{'s' if files > 1 else ''} of stack {context.stack} right" if files else f"Finish what was begun on stack {context.stack}"
    sets = set().union(*(one.sets for one in found.values()))
    notes = [
        words
        for name, words in (("galera", "nodes are drained and restarted one after the other where it is needed"), ("director", "keepalived is reloaded"))
        if name in sets
    ]
    told = f" ({'; '.join(notes)})" if notes else ""
    return f"{what}{told}?"


def _json(context: Context, found: Found) -> dict[str, Any]:
    return {"stack": context.stack, "drift": any(one.files for one in found.values()), "hosts": {host: one.as_json() for host, one in found.items()}}


def run_drift(context: Context, *, repair: bool, yes: bool) -> tuple[dict[str, Any], Exit]:
    """The result for scripts and the exit code; for people it is printed.

    Raises:
        OpsError: a repair that nobody agreed to.
    """
    if repair:
        check_agreement(DEED, yes=yes)
    found = _look(context)
    if not context.json:
        print_drift(context.out, context.stack, found)
    data = _json(context, found)
    if not repair or not any(one.sets for one in found.values()):
        return data | ({"repair": None} if repair else {}), _code(found)
    ask(_question(context, found), DEED, yes=yes)
    say = Progress(context.err)
    repairing = Repairing(inventory=context.inventory, shell=context.shell, say=say)
    try:
        done = repairing.run(found)
    except KeyboardInterrupt:
        for host, command in repairing.at_work.items():
            say(f"{host}: {command} was at work; it may end by itself or have stopped half-way: run this again")
        raise
    if done.stopped:
        say(f"stopped: {done.stopped}")
    left = _look(context)
    if not context.json:
        context.out.print("\nafter the repair:")
        print_drift(context.out, context.stack, left)
    code = _code(left)
    return _json(context, left) | {"before": data["hosts"], "repair": done.as_json()}, Exit.UNHEALTHY if done.stopped and code is Exit.GOOD else code
