"""The `read-balancing` stack as its user makes it: six container hosts in a lab of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    with living("read-balancing", lab="rb", port=13350) as made:
        yield made
