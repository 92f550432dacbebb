"""The stack files that are in the tree: written by people, for people."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import ROOT


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", git("ls-files", "Pulumi.?*.yaml").split())
def test_it_says_first_what_it_is(name: str) -> None:
    """As committed: tests of the lab edit some, and one that came in with a commit has lost its words."""
    assert git("show", f"HEAD:{name}").startswith("# ")
