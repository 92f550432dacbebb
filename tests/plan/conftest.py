"""A repository for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plan.repository import Repository


@pytest.fixture(scope="session")
def this_tree(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """`main` is this tree. To be copied."""
    return Repository.of_this_tree(tmp_path_factory.mktemp("repository") / "checkout")


@pytest.fixture
def repository(tmp_path: Path, this_tree: Repository) -> Repository:
    """A copy of it."""
    return this_tree.copy(tmp_path / "checkout")
