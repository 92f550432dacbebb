"""The probe's shell that compares MariaDB's configuration with what its running server has read, run here on files."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.probe import _HEAD

FUNCTION = _HEAD[_HEAD.index("notinforce() {") : _HEAD.index("part clock")]
OURS = ("70-mariadb-ha.cnf", "71-mariadb-ha-wsrep.cnf", "72-mariadb-ha-sst.cnf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Our files, one that is read at a start only, one of somebody else, and the sums as the unit writes them."""
    for name in (*OURS, "73-mariadb-ha-members.cnf", "50-server.cnf"):
        (tmp_path / name).write_text(f"# {name}\n")
    summed = subprocess.run(["sha256sum", *(str(tmp_path / name) for name in OURS)], capture_output=True, text=True, check=True)
    (tmp_path / "sums").write_text(summed.stdout)
    return tmp_path


def asked(folder: Path) -> str:
    script = f"{FUNCTION}\nset -u\nnotinforce '{folder}/sums' '{folder}'"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda f: None, []),
        (lambda f: (f / OURS[0]).write_text("changed"), [OURS[0]]),
        (lambda f: (f / OURS[1]).unlink(), [OURS[1]]),
        (lambda f: (f / "71-mariadb-ha-more.cnf").write_text("new"), ["71-mariadb-ha-more.cnf"]),
        (lambda f: (f / "73-mariadb-ha-members.cnf").write_text("read at a start only"), []),
        (lambda f: (f / "50-server.cnf").write_text("not ours"), []),
        (lambda f: (f / OURS[0]).touch(), []),  # younger, but the same
        (lambda f: (f / "sums").unlink(), []),  # a server that wrote no sums: unknown, so nothing is said
    ],
)
def test_what_is_not_in_force(folder: Path, change: Callable[[Path], object], found: list[str]) -> None:
    change(folder)
    assert asked(folder).split() == found
