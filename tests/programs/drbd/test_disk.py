"""Metadata is laid on a disk that carries nothing, and on no other."""

from __future__ import annotations

import pytest
from drbd_disk import BLANK, OURS, kind, make_metadata
from drbd_state import Config, load_config
from mha_common import Failure

from tests.programs.conftest import Desk
from tests.programs.drbd.test_resource import ENV

EXT4 = "DEVNAME=/dev/vdb\\nLABEL=home\\nUUID=1b3c22aa-0000-4000-8000-000000000001\\nTYPE=ext4\\n"
UUID = "1b3c22aa-0000-4000-8000-000000000001"


@pytest.fixture
def disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A host with a blank disk."""
    desk.write("/etc/mariadb-ha/drbd.env", ENV)
    desk.path("/dev").mkdir(exist_ok=True)
    desk.path("/dev/vdb").write_bytes(b"")
    desk.fake("blkid", "exit 2")
    desk.fake("wipefs", "exit 0")
    desk.fake("drbdmeta", "exit 20")
    desk.fake("drbdadm", "exit 0")
    monkeypatch.setenv("PATH", desk.env["PATH"])
    return desk


def config(overwrite: str = "") -> Config:
    from dataclasses import replace

    return replace(load_config(), overwrite=overwrite)


def test_a_blank_disk(disk: Desk) -> None:
    assert kind(config()) == BLANK
    make_metadata(config())
    assert "drbdadm create-md pair" in disk.calls


def test_a_disk_with_metadata_is_taken_as_it_is(disk: Desk) -> None:
    disk.fake("drbdmeta", "exit 0")
    disk.fake("blkid", "printf 'TYPE=drbd\\n'")
    assert kind(config()) == OURS


@pytest.mark.parametrize(
    ("blkid", "wipefs", "words"),
    [
        (f"printf '{EXT4}'", "echo 0x438,x,home,ext4", "ext4 label home"),
        ("printf 'TYPE=LVM2_member\\nUUID=abc\\n'", "exit 0", "LVM2_member"),
        ("printf 'PTTYPE=gpt\\n'", "exit 0", "gpt"),
        ("exit 2", "echo 0x218,x,x,LVM2_member", "LVM2_member"),
        ("exit 8", "echo 0x438,x,x,ext4", "ext4"),
    ],
)
def test_whatever_a_disk_carries_is_named_and_left_alone(disk: Desk, blkid: str, wipefs: str, words: str) -> None:
    disk.fake("blkid", blkid)
    disk.fake("wipefs", f'case "$*" in *--all*) exit 0;; esac; {wipefs}')
    with pytest.raises(Failure, match=words):
        kind(config())
    assert not any("--all" in call or "create-md" in call for call in disk.calls)


def test_a_disk_that_cannot_be_read_is_no_blank_disk(disk: Desk) -> None:
    disk.fake("blkid", "echo input/output error >&2; exit 4")
    with pytest.raises(Failure, match="cannot be read"):
        kind(config())


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("/proc/self/mounts", "/dev/vdb /home ext4 rw 0 0\n", "is mounted on /home"),
        ("/proc/swaps", "Filename Type\n/dev/vdb partition 1 0 -2\n", "is swap"),
    ],
)
def test_a_disk_in_use(disk: Desk, file: str, line: str, words: str) -> None:
    disk.write(file, line)
    with pytest.raises(Failure, match=words):
        kind(config())


def test_holders_and_partitions(disk: Desk) -> None:
    disk.path("/sys/class/block/vdb/holders/dm-0").mkdir(parents=True)
    with pytest.raises(Failure, match="carries dm-0"):
        kind(config())


def test_a_device_of_drbd_on_it_is_its_own(disk: Desk) -> None:
    disk.path("/sys/class/block/vdb/holders/drbd0").mkdir(parents=True)
    assert kind(config()) == BLANK


def test_what_the_settings_name_by_its_uuid_is_erased_and_nothing_else(disk: Desk) -> None:
    disk.fake("blkid", f"printf '{EXT4}'")
    with pytest.raises(Failure, match="not touched"):
        kind(config("1b3c22aa-0000-4000-8000-000000000002"))
    assert kind(config(UUID)) == BLANK
    assert any(call.startswith("wipefs --all") for call in disk.calls)


def test_drbds_own_refusal_stands(disk: Desk) -> None:
    disk.fake("drbdadm", "echo 'Found some data' >&2; exit 1")
    with pytest.raises(Failure, match="Found some data"):
        make_metadata(config())
    assert not any("--force" in call for call in disk.calls if "drbdadm" in call)
