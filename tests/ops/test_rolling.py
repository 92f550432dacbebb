"""The probe's shell that tells a roll at work from one that was cut short, run here on a flag and a real process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.probe import _HEAD, DRAINING

FUNCTION = _HEAD[_HEAD.index("rolling() {") : _HEAD.index("# What the running server")]
BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@pytest.fixture(scope="module")
def process() -> Iterator[int]:
    """Something whose command line names galera-roll."""
    with subprocess.Popen(["bash", "-c", "read -r _", "galera-roll"], stdin=subprocess.PIPE) as running:
        yield running.pid
        running.kill()


@pytest.mark.parametrize(
    ("flag", "at_work"),
    [
        ("roll: a change, boot={boot} pid={pid}", True),
        ("roll: a change, boot=earlier pid={pid}", False),
        ("roll: a change, boot={boot} pid=1", False),
        ("roll: a change, boot={boot} pid=999999999", False),
        ("new disk", False),
        (None, False),
    ],
)
def test_a_roll_at_work(flag: str | None, at_work: bool, process: int, tmp_path: Path) -> None:
    file = tmp_path / "draining"
    if flag is not None:
        file.write_text(flag.format(boot=BOOT, pid=process) + "\n")
    done = subprocess.run(["bash", "-c", f"{FUNCTION.replace(DRAINING, str(file))}\nrolling"], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is at_work
