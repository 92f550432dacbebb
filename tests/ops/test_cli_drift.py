"""`hactl drift` from the command line: exit codes, one JSON object, and a repair that is seen to have worked. Hosts are a fake `ssh`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.errors import Exit
from tests.conftest import ROOT
from tests.ops import stack

Hactl = Callable[..., "subprocess.CompletedProcess[str]"]

DRIFTED: dict[str, Any] = {"files": [{"set": "galera", "path": "/etc/x.cnf", "what": ["content"], "diff": "-a\n+b", "secret": False}]}

#: Asked, it prints the host's file; a repair empties that file, or refuses where there is a file `refuse`.
SSH = """#!/bin/sh
script=$(cat)
for word; do case $word in *@*) address=${word#*@} ;; esac; done
[ -e "$HOSTS/$address" ] || { echo "ssh: connect to host $address port 22: No route to host" >&2; exit 255; }
case $script in
*recorded* | *--repair*)
    echo "$address $script" >>"$HOSTS/log"
    [ ! -e "$HOSTS/refuse" ] || { cat "$HOSTS/refuse" >&2; exit 1; }
    echo '{"files": []}' >"$HOSTS/$address"
    echo "put right" ;;
*) cat "$HOSTS/$address" ;;
esac
"""


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """What each host says, by address: mdb2 has drifted."""
    folder = tmp_path / "hosts"
    folder.mkdir()
    for name, entry in stack.inventory().hosts.items():
        (folder / entry.address).write_text(json.dumps(DRIFTED if name == "mdb2" else {"files": []}))
    return folder


@pytest.fixture
def hactl(tmp_path: Path, hosts: Path) -> Hactl:
    """Runs hactl in a project of its own, with the fake ssh first on PATH. One host is bare metal: nothing of libvirt is known of it."""
    data = stack.inventory_data()
    del data["hypervisor"]
    data["hosts"]["mdb2"] = {"address": "172.16.21.181", "roles": ["galera", "realserver"], "ssh_user": "admin", "provisioner": "bare-metal"}
    work = tmp_path / ".state" / "dev"
    work.mkdir(parents=True)
    (work / "inventory.json").write_text(json.dumps(data))
    (tmp_path / "bin").mkdir()
    ssh = tmp_path / "bin" / "ssh"
    ssh.write_text(SSH)
    ssh.chmod(0o755)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = "import sys, pathlib, ops.paths; ops.paths.ROOT = pathlib.Path(sys.argv.pop(1)); import ops.cli; ops.cli.main()"
        env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOSTS": str(hosts)}
        command = [sys.executable, "-c", code, str(tmp_path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=env, cwd=tmp_path)

    return run


def test_drift_for_people(hactl: Hactl) -> None:
    done = hactl("drift")
    assert done.returncode == Exit.UNHEALTHY
    assert "/etc/x.cnf (set galera): its content was changed\n    -a\n    +b\n" in done.stdout
    assert "`hactl drift --repair`" in done.stdout


def test_drift_for_scripts(hactl: Hactl) -> None:
    done = hactl("drift", "--json")
    data = json.loads(done.stdout)
    assert done.returncode == Exit.UNHEALTHY
    assert (data["stack"], data["drift"]) == ("dev", True)
    assert data["hosts"]["mdb2"] == {"asked": True, "reached": True, "error": "", "files": DRIFTED["files"], "unfinished": []}
    assert "repair" not in data


@pytest.mark.parametrize(("gone", "code"), [((), Exit.GOOD), (("172.16.21.202",), Exit.UNHEALTHY), (None, Exit.UNREACHABLE)])
def test_exit_codes(hactl: Hactl, hosts: Path, gone: tuple[str, ...] | None, code: Exit) -> None:
    (hosts / "172.16.21.181").write_text('{"files": []}')
    for file in list(hosts.iterdir()) if gone is None else [hosts / name for name in gone]:
        file.unlink()
    assert hactl("drift").returncode == code


def test_repair(hactl: Hactl, hosts: Path) -> None:
    """Done by the program that `up` uses, its words shown, and looked at again; a second time there is nothing to do."""
    done = hactl("drift", "--repair", "--yes", "--json")
    assert done.returncode == Exit.GOOD, done.stdout + done.stderr
    data = json.loads(done.stdout)
    assert data["drift"] is False
    assert data["before"]["mdb2"]["files"] == DRIFTED["files"]
    assert data["repair"] == {"steps": [{"set": "galera", "host": "mdb2", "good": True, "words": ["put right"]}], "stopped": ""}
    assert "mdb2: put right" in done.stderr
    assert (hosts / "log").read_text() == "172.16.21.181 exec /usr/local/lib/mariadb-ha/galera-roll --recorded </dev/null\n"
    again = json.loads(hactl("drift", "--repair", "--yes", "--json").stdout)
    assert (again["drift"], again["repair"]) == (False, None)
    assert (hosts / "log").read_text().count("galera-roll") == 1


def test_a_refused_repair(hactl: Hactl, hosts: Path) -> None:
    (hosts / "refuse").write_text("mdb2: galera-roll: mdb3 is not Synced. To do: wait\n")
    done = hactl("drift", "--repair", "--yes")
    assert done.returncode == Exit.UNHEALTHY
    assert "stopped: mdb2: galera-roll: mdb3 is not Synced. To do: wait" in done.stderr
    assert "after the repair:\nmdb2: 1 file changed by hand" in done.stdout


def test_power_of_bare_metal_is_refused_in_words(hactl: Hactl) -> None:
    done = hactl("drill", "realserver-kill", "--target", "mdb2", "--yes")
    assert done.returncode == Exit.REFUSED
    assert "the power of mdb2 cannot be switched" in done.stderr
