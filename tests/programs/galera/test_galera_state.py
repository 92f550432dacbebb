"""What a node reads from its own disk."""

from __future__ import annotations

import os

import pytest
from galera_state import disk_state, load_config, read_grastate, read_gvwstate, set_safe_to_bootstrap, write_recovered
from mha_common import Failure

from tests.programs.conftest import Desk

GRASTATE = (
    "# GALERA saved state\nversion: 2.1\nuuid:    aaaaaaaa-0000-0000-0000-000000000001\nseqno:   "
    "{seqno}\nsafe_to_bootstrap: {safe}\n"
)
GVWSTATE = (
    "my_uuid: 9d8c7a1e-0b3c-11ef-8f1e-2b1ad0f1c1d5\n#vwbeg\nview_id: 3 9d8c7a1e-0b3c-11ef-8f1e-2b1ad0f1c1d5 "
    "7\nbootstrap: 0\n"
    "member: 9d8c7a1e-0b3c-11ef-8f1e-2b1ad0f1c1d5 0\nmember: aaac7a1e-0b3c-11ef-8f1e-2b1ad0f1c1d5 0\n#vwend\n"
)


def test_grastate(desk: Desk) -> None:
    assert read_grastate("/var/lib/mysql") is None
    desk.write("/var/lib/mysql/grastate.dat", GRASTATE.format(seqno=41, safe=0))
    assert read_grastate("/var/lib/mysql") == {
        "uuid": "aaaaaaaa-0000-0000-0000-000000000001",
        "seqno": 41,
        "safe_to_bootstrap": 0,
    }


def test_seqno_is_not_taken_from_the_uuid(desk: Desk) -> None:
    desk.write("/var/lib/mysql/grastate.dat", GRASTATE.format(seqno=-1, safe=1))
    assert read_grastate("/var/lib/mysql") == {
        "uuid": "aaaaaaaa-0000-0000-0000-000000000001",
        "seqno": -1,
        "safe_to_bootstrap": 1,
    }


def test_gvwstate(desk: Desk) -> None:
    desk.write("/var/lib/mysql/gvwstate.dat", GVWSTATE)
    assert read_gvwstate("/var/lib/mysql") == {"view": "3 9d8c7a1e-0b3c-11ef-8f1e-2b1ad0f1c1d5 7", "members": 2}
    desk.write("/var/lib/mysql/gvwstate.dat", "")  # a power-cut while it was written
    assert read_gvwstate("/var/lib/mysql") is None


def test_safe_to_bootstrap_keeps_the_rest_and_the_owner(desk: Desk) -> None:
    file = desk.write("/var/lib/mysql/grastate.dat", GRASTATE.format(seqno=41, safe=0), 0o660)
    os.chown(file, 12345, 12346)
    set_safe_to_bootstrap("/var/lib/mysql")
    assert file.read_text() == GRASTATE.format(seqno=41, safe=1)
    now = file.stat()
    assert (now.st_uid, now.st_gid, now.st_mode & 0o777) == (12345, 12346, 0o660)


def test_unmounted_volume_hides_what_lies_below(desk: Desk) -> None:
    desk.galera_env()
    desk.write("/var/lib/mysql/grastate.dat", GRASTATE.format(seqno=41, safe=0))
    desk.write("/etc/mariadb-ha/data-disk.env", "DEVICE=/dev/vdb\nMOUNT=/var/lib/mysql\nLABEL=mha-data\n")
    state = disk_state(load_config())
    assert (state["data_disk"], state["grastate"]) == ("missing", None)
    desk.write("/proc/self/mounts", "/dev/vdb /var/lib/mysql ext4 rw 0 0\n")
    assert disk_state(load_config())["grastate"]["seqno"] == 41


@pytest.mark.parametrize("later", ["boot", "run"])
def test_a_recovered_position_ends_with_the_boot_and_with_any_run(desk: Desk, later: str) -> None:
    desk.galera_env()
    redo = desk.write("/var/lib/mysql/ib_logfile0", "x")
    write_recovered("/var/lib/mysql", "u", 7)
    assert disk_state(load_config())["recovered"] == {"uuid": "u", "seqno": 7}
    if later == "boot":
        desk.write("/proc/sys/kernel/random/boot_id", "boot-2\n")
    else:
        os.utime(redo, ns=(1, 1))
    assert disk_state(load_config())["recovered"] is None


def test_processes_are_seen_through_the_control_group(desk: Desk) -> None:
    desk.galera_env()
    assert disk_state(load_config())["process"] is False
    desk.write("/sys/fs/cgroup/system.slice/mariadb.service/cgroup.procs", "77\n")
    desk.write("/sys/fs/cgroup/system.slice/mariadb-ha-galera-start.service/cgroup.procs", "")
    state = disk_state(load_config())
    assert (state["process"], state["starting"]) == (True, False)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('NODE=mdb9\nNODES="mdb1=127.0.0.1"\nAGENT_PORT=1\n', "mdb9"),
        ("NODE=mdb1\n", "NODES"),
        ("NODE=mdb1\nnonsense\n", "line 2"),
    ],
)
def test_bad_galera_env_is_named(desk: Desk, text: str, word: str) -> None:
    desk.write("/etc/mariadb-ha/galera.env", text)
    with pytest.raises(Failure, match=word):
        load_config()
