"""The `master-master-vip` stack as its user makes it: two servers on container hosts, in a lab of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lab.stacks import REUSE, Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy; with MARIADB_HA_REUSE=1 the one of LAB_NAME is used and left as it is."""
    lab, port = ("pair", "13309") if not REUSE else (os.environ["LAB_NAME"], os.environ["MARIADB_HA_PORT"])
    made = Stack("master-master-vip", lab=lab, port=int(port))
    try:
        if not REUSE:
            made.resumed = made.make("up")
            print(made.resumed.out)
            assert made.resumed.code == 0, made.resumed.out[-5000:]
        yield made
    finally:
        if not REUSE:
            made.make("down")
