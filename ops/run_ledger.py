"""Running a ledger for the command line: one at a time, the result kept beside the history."""

from __future__ import annotations

import json

from ops.context import Context
from ops.ledger_outcome import LedgerOutcome
from ops.lock import only_drill
from ops.paths import drills_dir
from ops.progress import Progress
from ops.watch import Watch


def run_ledger(context: Context, *, seconds: float | None) -> LedgerOutcome:
    """From the first look to the result on disk.

    Raises:
        OpsError: refused, or it could not be run to its end.
    """
    directory = drills_dir(context.stack, context.root)
    with only_drill(directory):
        watch = Watch(inventory=context.inventory, shell=context.shell, directory=directory, say=Progress(context.err), seconds=seconds)
        watch.preflight()
        outcome = watch.run()
    watch.history_file.with_suffix(".json").write_text(json.dumps(outcome.as_json(), indent=1) + "\n")
    return outcome
