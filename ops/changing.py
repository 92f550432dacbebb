"""One change of a stack at a time from this checkout: what hactl changes takes the lock that `make up` takes
(flock(2)); it ends with the process, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from ops import paths
from ops.errors import Exit, OpsError
from ops.run import Run


@contextlib.contextmanager
def only_change(run: Run) -> Iterator[None]:
    """Holds the lock: two that take servers out of service could leave none.

    Raises:
        OpsError: an `up`, a `down` or another change is at work.
    """
    folder = paths.state_dir(run.stack, run.root)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OpsError(
                f"`make up`, `make down` or another change of stack {run.stack} is at work from this checkout",
                "wait until it has ended, then run this again",
                Exit.REFUSED,
            ) from None
        yield
