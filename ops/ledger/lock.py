"""One drill at a time from this checkout (flock(2)): the lock ends with the process, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from ops.errors import Exit, OpsError


@contextlib.contextmanager
def only_drill(directory: Path) -> Iterator[None]:
    """Holds the drills' lock of a stack.

    Raises:
        OpsError: another drill of this stack runs from this checkout.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OpsError(
                "another drill of this stack is running from this checkout",
                "wait until it has ended, then try again",
                Exit.REFUSED,
            ) from None
        yield
