"""The toy kind is known for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components import kinds as component_kinds
from ops import kinds as ops_kinds
from plan import kinds as plan_kinds
from settings import kinds as settings_kinds
from tests.kinds import toy


@pytest.fixture
def motd() -> Iterator[None]:
    """Registers the toy kind; afterwards it is as if it had never been there."""
    toy.register()
    yield
    for registry in (settings_kinds.KINDS, plan_kinds.KINDS, component_kinds.KINDS, ops_kinds.KINDS):
        registry.pop("motd")  # type: ignore[attr-defined]
