"""A drill that is killed in its middle: the pair is whole again by itself, and nobody repaired it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.lab.measuring import Measure
from tests.lab.pair.pairing import pair, within
from tests.lab.stacks import ROOT, UP_TIMEOUT, Stack


def kill_in_the_middle(stack: Stack, drill: str, log: Path) -> None:
    """Starts a drill without any word in front, and kills it and its whole process group once its fault is in force."""
    with log.open("w") as file:
        process = subprocess.Popen(
            ["./hactl", "drill", drill, "--stack", stack.name, "--yes"],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name not in stack.env},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + UP_TIMEOUT
    while "fault is in force" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert "repair begins" not in log.read_text()


@pytest.mark.matrix
@pytest.mark.parametrize("drill", ["writer-stop", "writer-hang", "writer-kill"])
def test_a_killed_drill_leaves_nothing_broken(stack: Stack, drill: str, measure: Measure, tmp_path: Path) -> None:
    """The host that stopped its service starts it again; one without power is switched on."""
    assert stack.healthy_within(), stack.hactl("status").out
    writer, _ = pair(stack)
    log = tmp_path / "log"
    kill_in_the_middle(stack, drill, log)
    struck = time.monotonic()
    assert "armed, should hactl be killed" in log.read_text()
    assert writer in log.read_text()
    if drill == "writer-stop":
        assert stack.ssh(writer, "systemctl is-active mariadb").out.strip() == "inactive"
        assert stack.ssh(writer, "systemctl is-active mariadb-ha-drill-undo.timer").code == 0
    if drill == "writer-kill":
        assert stack.hactl("status").code != 0
    within(lambda: stack.hactl("status").code == 0, what="healthy again by itself", seconds=900)
    measure(f"{stack.name}: {drill}, hactl killed", f"whole by itself after {time.monotonic() - struck:.0f} s")
    within(
        lambda: stack.ssh(writer, "systemctl is-active mariadb-ha-drill-undo.timer").code != 0,
        what="nothing is armed any more",
        seconds=900,
    )
