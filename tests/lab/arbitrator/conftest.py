"""The stack `galera-arbitrator` on containers of a lab of its own: two nodes and an arbitrator, made by an `up` that
was killed when the nodes had joined.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.living import living
from tests.lab.stacks import Stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack that is up and healthy."""
    log = tmp_path_factory.mktemp("up") / "killed.log"
    marker = "galera-arbitrator-galera-accounts created"
    with living("galera-arbitrator", lab="arb", port=13313, killed_at=log, marker=marker) as made:
        yield made
