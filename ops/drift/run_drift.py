"""Looking for drift, and repairing it, for the command line."""

from __future__ import annotations

from typing import Any

from ops.agree import ask, check_agreement
from ops.changing import only_change
from ops.components import components_of
from ops.drift.look import HostDrift, clean, look_for_drift
from ops.drift.repair import Repairing
from ops.drift.report import print_drift
from ops.errors import Exit
from ops.progress import Progress
from ops.run import Run

EFFECT = "a repair may restart MariaDB on one node after the other"

Found = dict[str, HostDrift]


def _look(run: Run) -> Found:
    if not run.err.is_terminal:
        return look_for_drift(run.inventory, run.shell)
    with run.err.status(f"asking {len(run.inventory.hosts)} hosts of stack {run.stack}"):
        return look_for_drift(run.inventory, run.shell)


def _code(found: Found) -> Exit:
    if not any(one.reached for one in found.values()):
        return Exit.UNREACHABLE
    return Exit.GOOD if clean(found) else Exit.UNHEALTHY


def _question(run: Run, found: Found) -> str:
    files = sum(len(one.files) for one in found.values())
    what = (
        f"Put {files} file{'s' if files > 1 else ''} of stack {run.stack} right"
        if files
        else f"Finish what was begun on stack {run.stack}"
    )
    sets = set().union(*(one.sets for one in found.values()))
    deliveries = [each for component in components_of(run.inventory).values() for each in component.deliveries()]
    notes = list(dict.fromkeys(each.words for each in deliveries if each.owner_set in sets))
    told = f" ({'; '.join(notes)})" if notes else ""
    return f"{what}{told}?"


def _json(run: Run, found: Found) -> dict[str, Any]:
    return {
        "stack": run.stack,
        "drift": any(one.files for one in found.values()),
        "hosts": {host: one.as_json() for host, one in found.items()},
    }


def run_drift(run: Run, *, repair: bool, yes: bool) -> tuple[dict[str, Any], Exit]:
    """The result for scripts and the exit code; for people it is printed.

    Raises:
        OpsError: a repair that nobody agreed to, or beside another change.
    """
    if repair:
        check_agreement(EFFECT, yes=yes)
    found = _look(run)
    if not run.json:
        print_drift(run.out, run.stack, found)
    data = _json(run, found)
    if not repair or not any(one.sets for one in found.values()):
        return data | ({"repair": None} if repair else {}), _code(found)
    ask(_question(run, found), EFFECT, yes=yes)
    say = Progress(run.err)
    repairing = Repairing(inventory=run.inventory, shell=run.shell, say=say)
    try:
        with only_change(run):
            done = repairing.run(found)
    except KeyboardInterrupt:
        for host, command in repairing.at_work.items():
            say(f"{host}: {command} was at work; it may end by itself or have stopped half-way: run this again")
        raise
    if done.stopped:
        say(f"stopped: {done.stopped}")
    left = _look(run)
    if not run.json:
        run.out.print("\nafter the repair:")
        print_drift(run.out, run.stack, left)
    code = _code(left)
    return _json(run, left) | {
        "before": data["hosts"],
        "repair": done.as_json(),
    }, Exit.UNHEALTHY if done.stopped and code is Exit.GOOD else code
