"""The probe's shell that compares MariaDB's start with its configuration, run here on files of known age."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ops.probe import _HEAD

FUNCTION = _HEAD[_HEAD.index("confignewer() {") : _HEAD.index("part clock")]
START = 1_700_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file from before the start, one from its second, one of somebody else and one of ours from after it."""
    ages = {"70-mariadb-ha.cnf": -60.0, "71-mariadb-ha-wsrep.cnf": 0.9, "50-server.cnf": 60.0, "72-mariadb-ha-sst.cnf": 60.0}
    for name, age in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (START + age, START + age))
    return tmp_path


@pytest.mark.parametrize(
    ("since", "found"),
    [(f"@{START}", "72-mariadb-ha-sst.cnf\n"), (f"@{START + 60}", ""), ("", ""), ("@0", ""), ("n/a", "")],
)
def test_what_is_newer_than_the_server(folder: Path, since: str, found: str) -> None:
    script = f"systemctl() {{ echo '{since}'; }}\n{FUNCTION}\nconfignewer '{folder}'"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, found, "")
