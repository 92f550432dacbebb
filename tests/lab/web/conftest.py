"""The `web` stack as its user makes it: nginx on two container hosts, in a lab of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    with living("web", lab="web", port=13320) as made:
        yield made
