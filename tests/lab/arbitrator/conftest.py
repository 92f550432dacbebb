"""The stack `galera-arbitrator` as its user makes it: two nodes and an arbitrator on containers of a lab of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    with living("galera-arbitrator", lab="arb", port=13313) as made:
        yield made
