"""The `quick` stack as its user makes it: two directors on VMs, three nodes on container hosts, in a lab of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    with living("quick", lab="quick", port=13307) as made:
        yield made
