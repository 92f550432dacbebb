"""Fixtures: the installed toolchain, a real sshd, a throw-away Pulumi project."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.toolchain.language_host import LanguageHost
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


@pytest.fixture(scope="session")
def language_host() -> Iterator[str]:
    """The address of one that runs all projects' programs."""
    with LanguageHost() as host:
        yield host.address


@pytest.fixture(scope="session")
def empty_stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each project begins with."""
    folder = tmp_path_factory.mktemp("project") / "empty"
    Project.begin(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, empty_stack: Path, language_host: str) -> Project:
    shutil.copytree(empty_stack, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path, language_host)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A file in which commands note that they ran."""
    return tmp_path / "journal"
