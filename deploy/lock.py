"""One `up` or `down` of a stack at a time on this machine; the kernel drops the lock of a killed one."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.errors import DeployError


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds the stack's lock.

    Raises:
        DeployError: another run holds it.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeployError(
                "another `make up` or `make down` of this stack is running, or a change that hactl makes: wait for it"
                " to end."
            ) from None
        yield
