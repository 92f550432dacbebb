"""The `master-master-vip` stack as its user makes it: two servers on container hosts, in a lab of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    made = Stack("master-master-vip", lab="pair", port=13309)
    try:
        made.resumed = made.make("up")
        print(made.resumed.out)
        assert made.resumed.code == 0, made.resumed.out[-5000:]
        yield made
    finally:
        made.make("down")
