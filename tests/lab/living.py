"""A stack that lives as long as its tests: made by `make up` in a lab of its own, taken down at the end; its stack file
is what it was then.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.stacks import REUSE, Stack


@contextmanager
def living(name: str, *, lab: str, port: int, killed_at: Path | None = None, marker: str = "") -> Iterator[Stack]:
    """The stack, up and healthy.

    With MARIADB_HA_REUSE=1 the one of LAB_NAME and MARIADB_HA_PORT is used as it is, and left as it is.

    Args:
        name: of the stack.
        lab: its lab's.
        port: of 127.0.0.1, which leads to its clients' endpoint.
        killed_at: where a first `up` writes its words, which is killed once `marker` is among them; None: no such `up`.
        marker: of that `up`.
    """
    if REUSE:
        yield Stack(name, lab=os.environ["LAB_NAME"], port=int(os.environ["MARIADB_HA_PORT"]))
        return
    made = Stack(name, lab=lab, port=port)
    before = made.file.read_text()
    try:
        if killed_at:
            made.killed.append(made.up_and_kill(marker, killed_at))
        made.resumed = made.make("up")
        print(made.resumed.out)
        assert made.resumed.code == 0, made.resumed.out[-5000:]
        yield made
    finally:
        made.make("down")
        made.file.write_text(before)
