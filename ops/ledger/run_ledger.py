"""Running a ledger for the command line: one at a time, the result kept beside the history."""

from __future__ import annotations

import json

from ops.ledger.addresses import clients_component
from ops.ledger.lock import only_drill
from ops.ledger.outcome import LedgerOutcome
from ops.ledger.watch import Watch
from ops.paths import drills_dir
from ops.progress import Progress
from ops.run import Run


def run_ledger(run: Run, *, seconds: float | None) -> LedgerOutcome:
    """From the first look to the result on disk.

    Raises:
        OpsError: refused, or it could not be run to its end.
    """
    directory = drills_dir(run.stack, run.root)
    with only_drill(directory):
        watch = Watch(
            component=clients_component(run.inventory),
            shell=run.shell,
            directory=directory,
            say=Progress(run.err),
            seconds=seconds,
        )
        watch.check()
        outcome = watch.run()
    watch.history_file.with_suffix(".json").write_text(json.dumps(outcome.as_json(), indent=1) + "\n")
    return outcome
