"""What the languages share: one stand-in for the database's stack."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import ROOT
from tests.languages.standin import Backend, contract


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """With the stand-in in it, and language hosts installed; nothing happens where they are current."""
    subprocess.run([ROOT / "toolchain/languages"], check=True)
    made = Backend(tmp_path_factory.mktemp("languages"))
    (made.folder / "state").mkdir()
    made.bring_up(contract(), "standin")
    return made
