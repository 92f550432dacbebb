"""cloud-init's stages in one process: each runs once, in a process of its own, with the exit code handed on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab_unit.conftest import LAB

PLACE = LAB / "guest/overlay/usr/lib/cloud-init-stages"
ORDER = ("local", "network", "config", "final")
#: Stands for cloudinit.cmd.main: says what it was called with, and ends as the file `end` says.
MAIN = """
import os, signal, sys
state = {"called": 0}
def main():
    state["called"] += 1
    with open(os.environ["PLACE"] + "/calls", "a") as file:
        file.write(" ".join(sys.argv[1:]) + f" {state['called']}\\n")
    end = open(os.environ["PLACE"] + "/end").read()
    if end == "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    return int(end)
"""


@pytest.fixture
def server(tmp_path: Path) -> subprocess.Popen[bytes]:
    program = (PLACE / "stages").read_text()
    used = program.split("USED = (")[1].split(")")[0].replace('"', " ").split()
    for module in ["cmd.main", *used]:
        file = tmp_path / "cloudinit" / f"{module.replace('.', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(MAIN if module == "cmd.main" else "")
    for stage in ORDER:
        os.mkfifo(tmp_path / f"{stage}.go")
        os.mkfifo(tmp_path / f"{stage}.done")
    (tmp_path / "end").write_text("0")
    copy = tmp_path / "stages"
    copy.write_text(program.replace("/run/cloud-init-stages", str(tmp_path)))
    return subprocess.Popen(
        [sys.executable, str(copy)], env={"PLACE": str(tmp_path), "PYTHONPATH": str(tmp_path)}, cwd=tmp_path
    )


def ask(place: Path, stage: str, end: str = "0") -> int:
    (place / "end").write_text(end)
    script = (PLACE / "stage").read_text().replace("/run/cloud-init-stages", str(place))
    return subprocess.run(["sh", "-c", script, "stage", stage], timeout=30, check=False).returncode


def test_the_stages_run_as_their_services_would_run_them(server: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert [ask(tmp_path, stage) for stage in ORDER] == [0, 0, 0, 0]
    assert server.wait(timeout=30) == 0
    assert (tmp_path / "calls").read_text().splitlines() == [
        "init --local 1",
        "init 1",
        "modules --mode=config 1",
        "modules --mode=final 1",
    ], "each stage is a process of its own: nothing that one leaves in memory reaches the next"


def test_a_stage_that_fails_fails_its_service_and_the_next_one_runs(
    server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    assert [
        ask(tmp_path, *pair) for pair in (("local", "0"), ("network", "3"), ("config", "signal"), ("final", "0"))
    ] == [0, 3, 1, 0]
    assert server.wait(timeout=30) == 0
