"""The `master-master` stack as its user makes it: two directors on VMs, two masters on container hosts, in a lab of its
own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy."""
    with living("master-master", lab="lvsmm", port=13340) as made:
        yield made
