"""`drbd-form` as a program: a new pair is formed once, one that lives is left alone, one cut short is made anew."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.programs.conftest import Desk
from tests.programs.drbd.test_resource import ENV, superblock, xfs_superblock
from tests.programs.drbd.test_state import text

Last = Callable[[subprocess.CompletedProcess[str]], str]
NEW = "0000000000000004:0000000000000000:0000000000000000:0000000000000000:0:0:0:0:0:0:0"
LIVING = "9F3D5B8A7C6E1D02:0000000000000000:2C5E:1B4D:1:1:0:0:0:0:0"


@pytest.fixture
def pair(desk: Desk) -> Desk:
    """The first host of a pair that is new."""
    desk.write("/etc/mariadb-ha/drbd.env", ENV)
    desk.path("/dev").mkdir(exist_ok=True)
    desk.path("/dev/vdb").write_bytes(b"\0" * 4096)
    desk.write("/proc/drbd", text("Connected", ds="Inconsistent/Inconsistent"))
    proc, disk = f"{desk.root}/proc/drbd", f"{desk.root}/dev/vdb"
    desk.write("/formed", "")
    desk.path("/formed").write_bytes(superblock("mha-drbd"))
    desk.fake(
        "drbdadm",
        f"""case "$1" in
get-gi) echo {NEW} ;;
new-current-uuid) sed -i 's#Inconsistent/Inconsistent#UpToDate/UpToDate#' {proc} ;;
primary) sed -i 's#ro:Secondary/#ro:Primary/#; s#Inconsistent/Inconsistent#UpToDate/UpToDate#' {proc} ;;
secondary) sed -i 's#ro:Primary/#ro:Secondary/#' {proc} ;;
esac""",
    )
    desk.fake("blkid", "exit 2")
    desk.fake("wipefs", "exit 0")
    desk.fake("mkfs.ext4", "exit 0")
    desk.fake("e2label", f"cp {desk.root}/formed {disk}")
    return desk


def verbs(desk: Desk) -> list[str]:
    return [" ".join(call.split()[:2]) for call in desk.calls if not call.startswith(("blkid", "wipefs"))]


def test_a_new_pair_is_formed_and_then_left_alone(pair: Desk) -> None:
    done = pair.run("drbd-form")
    assert done.returncode == 0, done.stderr
    assert verbs(pair) == [
        "drbdadm get-gi",
        "drbdadm new-current-uuid",
        "drbdadm primary",
        "mkfs.ext4 -q",
        "e2label /dev/drbd0",
        "drbdadm secondary",
    ]
    assert not any("--force" in call for call in pair.calls)
    assert "ro:Secondary/" in pair.read("/proc/drbd")
    pair.forget()
    again = pair.run("drbd-form")
    assert again.returncode == 0 and "nothing to do" in again.stdout
    assert pair.calls == []


def test_a_plain_file_system_of_xfs_is_formed(pair: Desk) -> None:
    pair.write("/etc/mariadb-ha/drbd.env", ENV.replace('"ext4"', '"xfs"'))
    pair.path("/formed").write_bytes(xfs_superblock("mha-drbd"))
    pair.fake("mkfs.xfs", "exit 0")
    pair.fake("xfs_admin", f"cp {pair.root}/formed {pair.root}/dev/vdb")
    done = pair.run("drbd-form")
    assert done.returncode == 0, done.stderr
    assert verbs(pair)[-3:] == ["mkfs.xfs -q", "xfs_admin -L", "drbdadm secondary"]
    assert not any(call.startswith("mount") for call in pair.calls), "no server, so no data directory"
    assert "nothing to do" in pair.run("drbd-form").stdout


def test_two_disks_that_may_differ_are_copied(pair: Desk) -> None:
    """The one place of force: both are new, and this one is declared whole."""
    pair.write("/etc/mariadb-ha/drbd.env", ENV.replace('SKIP_SYNC="yes"', 'SKIP_SYNC="no"'))
    done = pair.run("drbd-form")
    assert done.returncode == 0, done.stderr
    assert "drbdadm primary --force pair" in pair.calls
    assert "drbdadm new-current-uuid" not in verbs(pair)


def test_a_disk_that_was_written_to_is_never_declared_whole(pair: Desk, last_line: Last) -> None:
    pair.fake("drbdadm", f'[ "$1" = get-gi ] && echo {LIVING}')
    done = pair.run("drbd-form")
    assert done.returncode == 1
    assert "written to before" in last_line(done)
    assert verbs(pair) == ["drbdadm get-gi"]


def test_what_was_cut_short_is_made_anew(pair: Desk) -> None:
    pair.write("/proc/drbd", text("Connected", "Primary/Secondary"))
    pair.path("/dev/vdb").write_bytes(superblock("mha-forming"))
    pair.fake("blkid", "printf 'TYPE=ext4\\nLABEL=mha-forming\\nUUID=1\\n'")
    done = pair.run("drbd-form")
    assert done.returncode == 0, done.stderr
    assert "mkfs.ext4 -q" in verbs(pair) and "drbdadm new-current-uuid" not in verbs(pair)


@pytest.mark.parametrize("found", ["TYPE=ext4\\nLABEL=home\\n", "TYPE=LVM2_member\\n", "TYPE=xfs\\n"])
def test_a_device_that_carries_something_else_is_not_formatted(pair: Desk, found: str, last_line: Last) -> None:
    pair.write("/proc/drbd", text("Connected"))
    pair.fake("blkid", f"printf '{found}'")
    done = pair.run("drbd-form")
    assert done.returncode == 1
    assert "not touched" in last_line(done)
    assert "mkfs.ext4 -q" not in verbs(pair)
    assert "ro:Secondary/" in pair.read("/proc/drbd"), "left as it was found"


def test_a_primary_on_the_other_host_is_somebody_elses_use(pair: Desk, last_line: Last) -> None:
    pair.write("/proc/drbd", text("Connected", "Secondary/Primary"))
    done = pair.run("drbd-form")
    assert done.returncode == 1
    assert "b is Primary" in last_line(done)
    assert "mkfs.ext4 -q" not in verbs(pair)


def test_split_brain_is_no_new_pair(pair: Desk, last_line: Last) -> None:
    pair.write("/proc/drbd", text("StandAlone", "Secondary/Unknown", "UpToDate/DUnknown"))
    done = pair.run("drbd-form")
    assert done.returncode == 1
    assert "StandAlone" in last_line(done)
    assert verbs(pair) == []


def test_a_living_primary_is_left_alone(pair: Desk) -> None:
    pair.write("/proc/drbd", text("Connected", "Primary/Secondary"))
    pair.path("/dev/vdb").write_bytes(superblock("mha-drbd"))
    done = pair.run("drbd-form")
    assert done.returncode == 0 and "nothing to do" in done.stdout
    assert pair.calls == []
