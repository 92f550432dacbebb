"""`hactl drift` from the command line: exit codes, one JSON object, and a repair that is seen to have worked. Hosts are
a fake `ssh`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.lock import only_one
from ops.errors import Exit
from tests.ops import stack
from tests.ops.hactl import Hactl, make_hactl

DRIFTED: dict[str, Any] = {
    "files": [{"set": "galera", "path": "/etc/x.cnf", "what": ["content"], "diff": "-a\n+b", "secret": False}]
}

#: Asked, it prints the host's file; a repair empties that file, or refuses where there is a file `refuse`.
SSH = """#!/bin/sh
script=$(cat)
for word; do case $word in *@*) address=${word#*@} ;; esac; done
[ -e "$ANSWERS/$address" ] || { echo "ssh: connect to host $address port 22: No route to host" >&2; exit 255; }
case $script in
*recorded* | *--repair*)
    echo "$address $script" >>"$ANSWERS/log"
    [ ! -e "$ANSWERS/refuse" ] || { cat "$ANSWERS/refuse" >&2; exit 1; }
    echo '{"files": []}' >"$ANSWERS/$address"
    echo "put right" ;;
*) cat "$ANSWERS/$address" ;;
esac
"""


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """The folder of what each host says, by address."""
    return tmp_path / "answers"


@pytest.fixture
def hactl(tmp_path: Path) -> Hactl:
    """mdb2 has drifted. It is bare metal: nothing of libvirt is known of it."""
    data = stack.inventory_data()
    del data["hypervisor"]
    roles = ["galera", "realserver"]
    data["hosts"]["mdb2"] = {
        "address": "172.16.21.181",
        "roles": roles,
        "ssh_user": "admin",
        "provisioner": "bare-metal",
    }
    answers = {entry["address"]: '{"files": []}' for entry in data["hosts"].values()}
    return make_hactl(tmp_path, data, ssh=SSH, answers={**answers, "172.16.21.181": json.dumps(DRIFTED)})


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
    assert data["hosts"]["mdb2"] == {
        "asked": True,
        "reached": True,
        "error": "",
        "files": DRIFTED["files"],
        "unfinished": [],
    }
    assert "repair" not in data


@pytest.mark.parametrize(
    ("gone", "code"), [((), Exit.GOOD), (("172.16.21.202",), Exit.UNHEALTHY), (None, Exit.UNREACHABLE)]
)
def test_exit_codes(hactl: Hactl, hosts: Path, gone: tuple[str, ...] | None, code: Exit) -> None:
    (hosts / "172.16.21.181").write_text('{"files": []}')
    for file in list(hosts.iterdir()) if gone is None else [hosts / name for name in gone]:
        file.unlink()
    assert hactl("drift").returncode == code


def test_repair(hactl: Hactl, hosts: Path) -> None:
    """Done by the program that `up` uses, its words shown, and looked at again; a second time there is nothing to
    do."""
    done = hactl("drift", "--repair", "--yes", "--json")
    assert done.returncode == Exit.GOOD, done.stdout + done.stderr
    data = json.loads(done.stdout)
    assert data["drift"] is False
    assert data["before"]["mdb2"]["files"] == DRIFTED["files"]
    assert data["repair"] == {
        "steps": [{"set": "galera", "host": "mdb2", "good": True, "words": ["put right"]}],
        "stopped": "",
    }
    assert "mdb2: put right" in done.stderr
    assert (
        hosts / "log"
    ).read_text() == "172.16.21.181 exec /usr/local/lib/mariadb-ha/galera-roll --recorded </dev/null\n"
    again = json.loads(hactl("drift", "--repair", "--yes", "--json").stdout)
    assert (again["drift"], again["repair"]) == (False, None)
    assert (hosts / "log").read_text().count("galera-roll") == 1


def test_no_repair_beside_an_up(hactl: Hactl, hosts: Path, tmp_path: Path) -> None:
    """Two that take servers out of service could leave none."""
    with only_one(tmp_path / ".state/dev/up.lock"):
        done = hactl("drift", "--repair", "--yes")
    assert done.returncode == Exit.REFUSED, done.stdout + done.stderr
    assert "another change of stack dev is at work" in done.stderr
    assert not (hosts / "log").exists(), "nothing was touched"


def test_a_refused_repair(hactl: Hactl, hosts: Path) -> None:
    (hosts / "refuse").write_text("mdb2: galera-roll: mdb3 is not Synced. To do: wait\n")
    done = hactl("drift", "--repair", "--yes")
    assert done.returncode == Exit.UNHEALTHY
    assert "stopped: mdb2: galera-roll: mdb3 is not Synced. To do: wait" in done.stderr
    assert "after the repair:\nmdb2: 1 file changed by hand" in done.stdout
