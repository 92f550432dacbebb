"""The stack `several` as its user makes it: a web pair on containers in front of S1, in a lab of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    with living("several", lab="several", port=13370) as made:
        yield made
