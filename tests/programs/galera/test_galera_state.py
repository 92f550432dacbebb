"""What a node reads from its own disk."""

from __future__ import annotations

import os

import pytest
from data_mount import refuse_missing_mount, remember_mount
from galera_state import disk_state, holds, load_config, read_grastate, read_gvwstate, write_grastate, write_recovered
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


@pytest.mark.parametrize("there", [True, False])
def test_a_state_file_that_leaves_the_position_to_innodb(desk: Desk, there: bool) -> None:
    file = desk.path("/var/lib/mysql/grastate.dat")
    if there:
        desk.write("/var/lib/mysql/grastate.dat", GRASTATE.format(seqno=41, safe=0), 0o640)
    os.chown(file if there else file.parent, 12345, 12346)
    write_grastate("/var/lib/mysql", "bbbbbbbb-0000-0000-0000-000000000002", safe=not there)
    now = file.stat()
    assert (now.st_uid, now.st_gid, now.st_mode & 0o777) == (12345, 12346, 0o640 if there else 0o660)
    assert read_grastate("/var/lib/mysql") == {
        "uuid": "bbbbbbbb-0000-0000-0000-000000000002",
        "seqno": -1,
        "safe_to_bootstrap": int(not there),
    }


FSTAB = "# /dev/sdb1 /srv ext4\nUUID=1 / ext4 defaults 0 1\nUUID=2 {} xfs defaults 0 2\nUUID=3 none swap sw 0 0\n"


@pytest.mark.parametrize(
    ("fstab", "mounted", "missing"),
    [
        (None, "/", False),
        ("/home", "/", False),
        ("/srv", "/", False),
        ("/var/lib/mysql", "/", True),
        ("/var/lib/mysql/", "/", True),
        ("/var/lib/mysql", "/var/lib/mysql", False),
        ("/var/lib", "/var", True),
        ("/var/lib", "/var/lib", False),
        ("/var/lib/my", "/", False),
    ],
)
def test_a_volume_of_fstab_that_is_not_mounted_is_not_an_empty_node(
    desk: Desk, fstab: str | None, mounted: str, missing: bool
) -> None:
    desk.galera_env()
    if fstab:
        desk.write("/etc/fstab", FSTAB.format(fstab))
    desk.write("/proc/self/mounts", f"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 {mounted} xfs rw 0 0\n")
    assert (disk_state(load_config())["data_disk"] == "missing") is missing
    if missing:
        with pytest.raises(Failure, match=f"nothing is mounted on {fstab.rstrip('/') if fstab else ''}") as refusal:
            refuse_missing_mount("/var/lib/mysql")
        assert "/etc/fstab" in refusal.value.todo
    else:
        refuse_missing_mount("/var/lib/mysql")


def test_the_volume_of_the_last_start_is_remembered(desk: Desk) -> None:
    """A volume that is mounted by other means than fstab."""
    desk.galera_env()
    desk.write(
        "/proc/self/mounts", "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /var xfs rw 0 0\n/dev/sdc1 /var/lib/mysql xfs rw 0 0\n"
    )
    remember_mount("/var/lib/mysql")
    assert disk_state(load_config())["data_disk"] == "present"
    desk.write("/proc/self/mounts", "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /var xfs rw 0 0\n")
    assert disk_state(load_config())["data_disk"] == "missing"
    with pytest.raises(Failure, match="nothing is mounted on /var/lib/mysql"):
        refuse_missing_mount("/var/lib/mysql")
    desk.path("/var/lib/mariadb-ha/data-mount").unlink()
    remember_mount("/var/lib/mysql")
    assert desk.read("/var/lib/mariadb-ha/data-mount") == "/var\n"


def test_what_is_remembered_of_a_way_to_the_cluster_is_published(desk: Desk) -> None:
    desk.galera_env()
    assert (disk_state(load_config())["lets"], disk_state(load_config())["formed"]) == ("", [])
    desk.write("/var/lib/mariadb-ha/lets-form", "mdb2 7\n")
    desk.write("/var/lib/mariadb-ha/formed.json", '{"records": [{"id": "i"}]}')
    assert (disk_state(load_config())["lets"], disk_state(load_config())["formed"]) == ("mdb2 7", [{"id": "i"}])


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


@pytest.mark.parametrize(
    "text",
    ["", "\0" * 200, "uuid: not-one\nseqno: many\nsafe_to_bootstrap: perhaps\n", "uuid:\nseqno:\n", "seqno: \u0661\n"],
)
def test_a_damaged_grastate_names_no_cluster(desk: Desk, text: str) -> None:
    desk.write("/var/lib/mysql/grastate.dat", text)
    assert read_grastate("/var/lib/mysql") == {
        "uuid": "00000000-0000-0000-0000-000000000000",
        "seqno": -1,
        "safe_to_bootstrap": 0,
    }


def test_half_a_gvwstate_is_none(desk: Desk) -> None:
    desk.write("/var/lib/mysql/gvwstate.dat", GVWSTATE[: GVWSTATE.rindex("member")])
    assert read_gvwstate("/var/lib/mysql") is None


HELD = {
    "nothing": [[], ["lost+found/x"], ["grastate.dat"], ["debian-10.11.flag"], ["holiday.jpg"]],
    "system tables": [
        ["ibdata1", "mysql/db.frm", "sys/x", "performance_schema/x", "aria_log_control", "ib_logfile0"],
        ["mysql/db.frm"],
        ["ibdata1"],
    ],
    "data": [
        ["ibdata1", "mysql/db.frm", "app/t.ibd"],
        ["app/t.ibd"],
        ["ibdata1", "mysql/db.frm", "grastate.dat"],
        ["mysql/db.frm", "gvwstate.dat"],
        ["undo001", "grastate.dat"],
        [".sst/ibdata1"],
    ],
}


@pytest.mark.parametrize(("word", "files"), [(word, files) for word, cases in HELD.items() for files in cases])
def test_what_the_directory_holds(desk: Desk, word: str, files: list[str]) -> None:
    desk.galera_env()
    for name in files:
        desk.write(f"/var/lib/mysql/{name}", "x")
    assert disk_state(load_config())["holds"] == word


def test_a_directory_that_cannot_be_read_may_hold_data(desk: Desk) -> None:
    assert holds("/var/lib/mysql/none") == "nothing"
    desk.write("/var/lib/mysql/file", "x")
    assert holds("/var/lib/mysql/file") == "unreadable"


def test_a_cut_join_counts_only_with_a_state_file(desk: Desk) -> None:
    """A backup that was restored over it since has none."""
    desk.galera_env()
    desk.write("/var/lib/mariadb-ha/joining", "x")
    assert disk_state(load_config())["joining"] is False
    desk.write("/var/lib/mysql/grastate.dat", "")
    assert disk_state(load_config())["joining"] is True
