"""The stack `galera-arbitrator` as its user makes it: two nodes and an arbitrator on containers of a lab of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    made = Stack("galera-arbitrator", lab="arb", port=13313)
    try:
        made.resumed = made.make("up")
        print(made.resumed.out)
        assert made.resumed.code == 0, made.resumed.out[-5000:]
        yield made
    finally:
        made.make("down")
