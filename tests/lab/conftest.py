"""One stack for all lab tests: `make up` killed twice, then finished. Real VMs, a real hypervisor, the user's own commands.

With MARIADB_HA_REUSE=1 a `dev` stack that is up already is used as it is, and left as it is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REUSE = os.environ.get("MARIADB_HA_REUSE") == "1"
UP_TIMEOUT = 1500
#: Plain Pulumi on the stack's workspace.
PULUMI = ("deploy/pulumi", "dev")


@dataclass
class Run:
    """A finished command."""

    code: int
    out: str
    seconds: float


def run(*command: str | Path, timeout: float = 600, stdin: str | None = None) -> Run:
    """Runs a command in the project's root; standard output and error together."""
    start = time.monotonic()
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False
    )
    return Run(done.returncode, done.stdout, time.monotonic() - start)


def up_and_kill(marker: str, log: Path) -> str:
    """Starts `make up`, kills its whole process group the hard way once `marker` is in its output; gives the output."""
    with log.open("w") as file:
        process = subprocess.Popen(["make", "up"], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    deadline = time.monotonic() + UP_TIMEOUT
    while process.poll() is None and marker not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    text = log.read_text()
    assert alive and marker in text, f"make up ended before {marker!r}:\n{text[-3000:]}"
    return text


@dataclass
class Stack:
    """The stack under test, as its user sees it."""

    killed: list[str] = field(default_factory=list)
    resumed: Run | None = None
    tracked_before: str = ""

    @property
    def inventory(self) -> dict[str, Any]:
        """What `up` wrote for `hactl`."""
        document: dict[str, Any] = json.loads((ROOT / ".state/dev/inventory.json").read_text())
        return document

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs with their secrets."""
        done = run(*PULUMI, "stack", "output", "--json", "--show-secrets")
        assert done.code == 0, done.out
        document: dict[str, Any] = json.loads(done.out)
        return document

    def ssh(self, host: str, command: str, *, timeout: float = 120) -> Run:
        """A command on a host."""
        return run("lab/ssh", host, command, timeout=timeout)

    def sql(self, host: str, statement: str) -> str:
        """SQL as root on a node, through its socket."""
        done = run("lab/ssh", host, "sudo mariadb -N -B", stdin=statement)
        assert done.code == 0, done.out
        return done.out.strip()

    def hactl(self, *words: str, timeout: float = 900) -> Run:
        """`hactl`; standard output only."""
        start = time.monotonic()
        done = subprocess.run(["./hactl", *words], cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
        return Run(done.returncode, done.stdout + ("" if done.returncode == 0 else done.stderr), time.monotonic() - start)

    def healthy_within(self, seconds: float = 300) -> bool:
        """Asks `hactl status` until it is content, or until this many seconds have passed: a bound for a slow day, no promise."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.hactl("status").code == 0:
                return True
            time.sleep(3)
        return False


def tracked_files() -> str:
    """What git sees of the tree."""
    return subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The dev stack, made by an `up` that was killed while VMs were made and again while a node joined."""
    made = Stack(tracked_before=tracked_files())
    if REUSE and (ROOT / ".state/dev/inventory.json").exists():
        yield made
        return
    if (ROOT / ".state/dev/inventory.json").exists():
        pytest.exit("a dev stack is up in this checkout: `make down` first, or MARIADB_HA_REUSE=1 to test with it", returncode=1)
    logs = tmp_path_factory.mktemp("up")
    try:
        made.killed.append(up_and_kill("dev-mdb1-root created", logs / "first.log"))
        made.killed.append(up_and_kill("dev-galera-accounts created", logs / "second.log"))
        made.resumed = run("make", "up", timeout=UP_TIMEOUT)
        print(made.resumed.out)
        assert made.resumed.code == 0, made.resumed.out[-5000:]
        yield made
    finally:
        run("make", "down", timeout=600)


@pytest.fixture(scope="session")
def vm_manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the VMs' files are written down for the bare-metal twin."""
    return tmp_path_factory.getbasetemp() / "vm-manifests.json"
