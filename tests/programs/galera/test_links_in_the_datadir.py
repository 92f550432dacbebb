"""What root writes in the directory that the account mysql owns: a link planted there leads nowhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import server_datadir
import withdraw_data
from galera_state import write_grastate
from mha_common import Failure
from mha_files import read_regular, write_atomically

from tests.programs.conftest import Desk

GRASTATE = "# GALERA saved state\nuuid: aaaaaaaa-0000-0000-0000-000000000001\nseqno: 41\nsafe_to_bootstrap: 0\n"
DATADIR = "/var/lib/mysql"
A = "aaaaaaaa-0000-0000-0000-000000000001"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of root's, outside of the data directory."""
    file = tmp_path / "sudoers"
    file.write_text("root only\n")
    file.chmod(0o440)
    return file


def untouched(victim: Path) -> bool:
    return victim.read_text() == "root only\n" and victim.stat().st_mode & 0o777 == 0o440 and victim.stat().st_uid == 0


def test_a_planted_new_file_is_not_followed(desk: Desk, victim: Path) -> None:
    file = desk.write(f"{DATADIR}/grastate.dat", GRASTATE)
    os.chown(file, 12345, 12346)
    (file.parent / "grastate.dat.new").symlink_to(victim)
    write_grastate(DATADIR, A, safe=True)
    assert untouched(victim)
    assert not file.is_symlink()
    assert file.read_text().endswith("safe_to_bootstrap: 1\n")
    assert sorted(entry.name for entry in file.parent.iterdir()) == ["grastate.dat"]


def test_a_link_in_the_place_of_the_file_is_neither_read_nor_written(desk: Desk, victim: Path) -> None:
    file = desk.path(f"{DATADIR}/grastate.dat")
    file.symlink_to(victim)
    with pytest.raises(Failure, match=r"grastate\.dat cannot be read .*nothing was changed"):
        write_grastate(DATADIR, A, safe=True)
    assert untouched(victim)
    write_atomically(file, "new\n")
    assert untouched(victim)
    assert not file.is_symlink()


def test_a_directory_in_the_place_of_the_new_file_is_named(desk: Desk) -> None:
    desk.path(f"{DATADIR}/grastate.dat.new").mkdir()
    with pytest.raises(Failure, match=r"grastate\.dat\.new cannot be made"):
        write_atomically(desk.path(f"{DATADIR}/grastate.dat"), "new\n")


def test_a_pipe_is_not_waited_for(desk: Desk) -> None:
    os.mkfifo(desk.path(f"{DATADIR}/grastate.dat"))
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(desk.path(f"{DATADIR}/grastate.dat"))


@pytest.mark.parametrize("there", [True, False], ids=["a file", "nothing yet"])
def test_marks_make_and_open_nothing_elsewhere(desk: Desk, victim: Path, there: bool) -> None:
    """galera-bootstrap's mark and the purge's: `touch` and flock(1) would make what a dangling link names."""
    target = victim if there else victim.with_name("nologin")
    datadir = desk.path(DATADIR)
    (datadir / server_datadir.UNFINISHED).symlink_to(target)
    with pytest.raises(Failure, match=r"not MariaDB's \(\.mariadb-ha-installing\)"):
        server_datadir.make_datadir(datadir)
    (datadir / server_datadir.UNFINISHED).unlink()
    desk.write(f"{DATADIR}/ibdata1", "x")
    (datadir / withdraw_data.PURGING).symlink_to(target)
    withdraw_data.purge(DATADIR)
    assert untouched(victim)
    assert target.exists() == there
    assert not list(datadir.iterdir())


def test_the_label_of_kept_data_tells_nothing_of_other_files(desk: Desk, victim: Path) -> None:
    victim.chmod(0o600)
    victim.write_text("uuid: a-secret\n")
    desk.path(f"{DATADIR}/grastate.dat").symlink_to(victim)
    assert withdraw_data.cluster_uuid(DATADIR) == ""
    desk.path(f"{DATADIR}/grastate.dat").unlink()
    desk.write(f"{DATADIR}/grastate.dat", "uuid: a-secret\n")
    assert withdraw_data.cluster_uuid(DATADIR) == ""


def test_the_folder_is_on_the_disk_before_the_program_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rename outlives a power-cut only when its directory was synced after it."""
    done: list[str] = []
    fsync, rename = os.fsync, os.rename
    monkeypatch.setattr(
        os, "fsync", lambda fd: (done.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"), fsync(fd))[1]
    )
    monkeypatch.setattr(os, "rename", lambda *names, **folders: (done.append("rename"), rename(*names, **folders))[1])
    write_atomically(tmp_path / "file", "x")
    assert done == ["file", "rename", "folder"]
