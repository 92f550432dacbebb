"""The `drbd` stack as its user makes it: two VMs, whose kernel has DRBD, in a lab of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    with living("drbd", lab="drbdpair", port=13316) as made:
        yield made
