"""A repository for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plan.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """`main` is this tree."""
    return Repository(tmp_path / "checkout")
