"""A desk for the servers' programs: a folder that stands for `/`, and stand-ins for systemd and its like in PATH."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "cloudinit" / "programs"


def installed() -> Path:
    """A folder with the programs of all roles side by side, as on a server."""
    folder = Path(tempfile.mkdtemp(prefix="mariadb-ha-programs-"))
    atexit.register(shutil.rmtree, folder)
    for file in SOURCES.rglob("*"):
        if file.is_file() and file.suffix != ".md" and "__pycache__" not in file.parts:
            assert not (folder / file.name).exists(), f"two programs are called {file.name}"
            shutil.copy2(file, folder)
    return folder


PROGRAMS = installed()
sys.path.insert(0, str(PROGRAMS))

NODES = {"mdb1": "127.0.0.11", "mdb2": "127.0.0.12", "mdb3": "127.0.0.13"}


@dataclass
class Desk:
    """One server on a desk."""

    root: Path
    bin: Path

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        file = Path(str(self.root) + path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def path(self, path: str) -> Path:
        return Path(str(self.root) + path)

    def read(self, path: str) -> str:
        return self.path(path).read_text()

    def fake(self, name: str, script: str) -> None:
        """A stand-in program; every call is recorded in `calls`."""
        file = self.bin / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.root}/calls"\n{script}\n')
        file.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        file = self.root / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def forget(self) -> None:
        (self.root / "calls").unlink(missing_ok=True)

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "MHA_ROOT": str(self.root),
            "MHA_PAUSE": "0.05",
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }

    def run(self, name: str, *arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program on this desk; `env` is added to its environment."""
        program = PROGRAMS / name
        command = [str(program)] if name.endswith(".sh") else [sys.executable, str(program)]
        whole = {**self.env, **env}
        return subprocess.run(
            [*command, *arguments], input=stdin, capture_output=True, text=True, env=whole, timeout=60, check=False
        )

    def galera_env(
        self, node: str = "mdb1", *, port: int = 9200, reference: str = "mdb1", nodes: dict[str, str] | None = None
    ) -> None:
        pairs = " ".join(f"{name}={address}" for name, address in (nodes or NODES).items())
        text = f'NODE={node}\nNODES="{pairs}"\nREFERENCE={reference}\nAGENT_PORT={port}\nPORT=3306\n'
        text += "DATADIR=/var/lib/mysql\n"
        self.write("/etc/mariadb-ha/galera.env", text)
        self.write("/etc/mariadb-ha/agent.env", f"AGENT_PORT={port}\n")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A server named `mdb1` with nothing on it but its name."""
    desk = Desk(tmp_path / "root", tmp_path / "bin")
    desk.root.mkdir()
    desk.bin.mkdir()
    desk.write("/etc/mariadb-ha/host.env", 'HOST=mdb1\nROLES="galera"\n')
    desk.write("/proc/sys/kernel/random/boot_id", "boot-1\n")
    desk.write("/proc/self/mounts", "")
    desk.path("/var/lib/mysql").mkdir(parents=True)
    monkeypatch.setenv("MHA_ROOT", str(desk.root))
    return desk


@pytest.fixture
def last_line() -> Callable[[subprocess.CompletedProcess[str]], str]:
    """The last words of a failed program, which have to name host, step, cause and remedy."""
    return lambda done: done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ""


def load(name: str) -> ModuleType:
    """A program as a module, fresh for each caller."""
    module = ModuleType(name.replace("-", "_"))
    module.__file__ = str(PROGRAMS / name)
    sys.modules[module.__name__] = module  # dataclasses look there
    exec(compile((PROGRAMS / name).read_text(), module.__file__, "exec"), module.__dict__)  # noqa: S102  our own file
    return module
