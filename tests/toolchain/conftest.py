"""Fixtures: the installed toolchain, a real sshd, a throw-away Pulumi project."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.toolchain.project import ROOT, Project
from tests.toolchain.sshd import Sshd


@pytest.fixture(scope="session", autouse=True)
def toolchain() -> None:
    """The toolchain as the project installs it; nothing happens when it is current."""
    subprocess.run([ROOT / "toolchain" / "install"], check=True)


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    subprocess.run([ROOT / "toolchain" / "apt", "openssh-server", "openssh-client"], check=True)
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A file in which commands note that they ran."""
    return tmp_path / "journal"
