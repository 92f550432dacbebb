"""galera-roll goes on to its end when whoever started it is gone; its own death is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.programs.conftest import PROGRAMS, Desk

SCRIPT = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from roll_detached import run_detached
from mha_common import Failure, program, say

def work():
    Path(sys.argv[2], "pid").write_text(str(os.getpid()))
    say("begun")
    for _ in range(20):
        time.sleep(0.05)
        say("working")
    if sys.argv[3] == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[3] == "fails":
        raise Failure("it did not work", todo="that")
    Path(sys.argv[2], "done").touch()
    return 0

program("galera-roll", lambda: run_detached(work))
"""


def begin(desk: Desk, tmp_path: Path, how: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(PROGRAMS), str(tmp_path), how]
    return subprocess.Popen(command, env=desk.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def appears(file: Path, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return file.exists()


def test_its_end_and_words_are_the_callers(desk: Desk, tmp_path: Path) -> None:
    with begin(desk, tmp_path) as process:
        out, error = process.communicate(timeout=20)
    assert process.returncode == 0, error
    assert out.startswith("begun\nworking\n")
    with begin(desk, tmp_path, "fails") as process:
        _, error = process.communicate(timeout=20)
    assert process.returncode == 1
    assert error == "mdb1: galera-roll: it did not work. To do: that\n"


@pytest.mark.parametrize("how", ["reader gone", "killed", "hung up"])
def test_it_goes_on(desk: Desk, tmp_path: Path, how: str) -> None:
    with begin(desk, tmp_path) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "begun\n"
        if how == "killed":
            process.kill()
        if how == "hung up":
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGHUP)
        process.stdout.close()
        process.stderr.close()
        assert appears(tmp_path / "done")


def test_its_own_death_is_told_with_the_remedy(desk: Desk, tmp_path: Path) -> None:
    with begin(desk, tmp_path, "dies") as process:
        _, error = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "signal 9" in error
    assert "galera-roll --finish" in error
