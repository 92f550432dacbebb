"""The promoter's hands: what it takes for true of a device, and the order of its steps, with drbdadm and its like
stood in for."""

from __future__ import annotations

from typing import Any

import drbd_label
import drbd_serving
import pytest
import resource_drbd
from drbd_state import HANDS
from mha_common import Failure, only_one

from tests.programs.conftest import Desk
from tests.programs.drbd.test_state import SYNC, text

ENV = """NAME="pair"
HOST="a"
PEER="b"
MINOR="0"
DISK="/dev/vdb"
FILESYSTEM="ext4"
MOUNT="/srv/pair"
MARIADB="no"
FIRST="yes"
SKIP_SYNC="yes"
OVERWRITE=""
"""
MOUNTED = "/dev/drbd0 /srv/pair ext4 rw 0 0\n"
PEER = {"heard": True, "connection": "WFConnection", "eligible": True}


def superblock(label: str) -> bytes:
    head = bytearray(drbd_label.SIZE)
    head[1024 + 56 : 1024 + 58] = b"\x53\xef"
    head[1024 + 120 : 1024 + 120 + len(label)] = label.encode()
    return bytes(head)


@pytest.fixture
def host(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A host of the pair, formed, in sync, Secondary."""
    desk.write("/etc/mariadb-ha/drbd.env", ENV)
    desk.path("/dev").mkdir(exist_ok=True)
    desk.path("/dev/vdb").write_bytes(superblock("mha-drbd"))
    desk.write("/proc/drbd", text("Connected"))
    desk.fake(
        "drbdadm",
        f'case $1 in primary) sed -i "s#ro:Secondary/#ro:Primary/#" {desk.root}/proc/drbd;;'
        f' secondary) sed -i "s#ro:Primary/#ro:Secondary/#" {desk.root}/proc/drbd;; esac',
    )
    desk.fake("fsck.ext4", "exit 0")
    desk.fake("mount", f'echo "{MOUNTED.strip()}" >>{desk.root}/proc/self/mounts')
    desk.fake("umount", f": >{desk.root}/proc/self/mounts")
    desk.fake("fuser", "exit 0")
    desk.fake("systemctl", "echo inactive")
    monkeypatch.setenv("PATH", desk.env["PATH"])
    monkeypatch.setenv("MHA_PAUSE", "0.01")
    monkeypatch.setattr(drbd_serving, "BUSY", 0.05)
    return desk


def look(peer: dict[str, Any] | None = None, resource: resource_drbd.Resource | None = None) -> dict[str, Any]:
    return (resource or resource_drbd.Resource()).look(peer or {}, patience=3)


def test_a_secondary_in_sync_may_take_over(host: Desk) -> None:
    found = look(PEER)
    assert (found["usable"], found["active"], found["behind"], found["unready"]) == (True, False, "", "")


@pytest.mark.parametrize(
    ("line", "usable", "words"),
    [
        (text("SyncTarget", "Secondary/Primary", "Inconsistent/UpToDate", more=SYNC), False, "a resync runs"),
        (text("StandAlone", "Secondary/Unknown", "UpToDate/DUnknown"), False, "split brain"),
        (text("WFConnection", "Secondary/Unknown", "Outdated/DUnknown"), False, "Outdated"),
        (text("Connected", "Secondary/Primary", "Diskless/UpToDate"), False, "Diskless"),
        (text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"), True, ""),
        (text("WFConnection", "Secondary/Unknown", "Consistent/DUnknown"), True, ""),
    ],
)
def test_whose_disk_can_be_served(host: Desk, line: str, usable: bool, words: str) -> None:
    host.write("/proc/drbd", line)
    found = look()
    assert (found["usable"], found["active"]) == (usable, False)
    assert words in found["unwell"]


def test_a_device_that_is_not_set_up(host: Desk) -> None:
    host.path("/proc/drbd").unlink()
    found = look()
    assert (found["usable"], found["active"]) == (False, False)
    host.write("/proc/self/mounts", MOUNTED)
    assert look()["active"] is None, "what is mounted is in use"


def test_a_host_that_was_never_in_sync_since_its_boot_may_be_older(host: Desk) -> None:
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert "may hold older data" in look()["behind"]


@pytest.mark.parametrize("state", ["SyncSource", "PausedSyncS"])
def test_a_primary_that_lost_power_during_a_resync_serves_again_and_the_resync_goes_on(host: Desk, state: str) -> None:
    """DRBD has compared the two, and this one is the source: no other data can be newer, though they are not alike."""
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert "may hold older data" in look(PEER)["behind"], "alone it cannot know"
    host.write("/proc/drbd", text(state, "Secondary/Secondary", "UpToDate/Inconsistent", oos=9, more=SYNC))
    found = look({**PEER, "eligible": False})
    assert (found["usable"], found["behind"], found["unready"]) == (True, "", "")
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert look()["behind"] == "", "the other one can hold nothing whole since"


@pytest.mark.parametrize(
    ("connection", "disks"),
    [
        ("WFConnection", "Inconsistent/DUnknown"),
        ("SyncTarget", "Inconsistent/UpToDate"),
        ("StandAlone", "Inconsistent/DUnknown"),
    ],
)
def test_the_target_of_a_resync_is_never_promoted_whoever_is_gone(host: Desk, connection: str, disks: str) -> None:
    look()  # it was in sync earlier in this boot
    host.write("/proc/drbd", text(connection, "Secondary/Unknown", disks, oos=9))
    found = look()
    assert (found["usable"], found["active"]) == (False, False)
    assert "its data is not whole" in found["unwell"]


def test_being_in_sync_once_is_remembered_until_the_next_boot(host: Desk) -> None:
    resource = resource_drbd.Resource()
    look(PEER, resource=resource)
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert look(resource=resource)["behind"] == ""
    assert look()["behind"] == "", "a promoter that is started again knows it, too"


def test_being_in_sync_counts_once_the_promoters_have_spoken(host: Desk) -> None:
    """Until it is answered, the other host may still take this one for powered off, and write without it."""
    look({**PEER, "heard": False})
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert "may hold older data" in look()["behind"]


def test_a_peer_that_wrote_alone_has_what_is_not_here(host: Desk) -> None:
    look()
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert "without this host" in look({**PEER, "alone": True})["behind"]
    host.write("/proc/drbd", text("Connected"))
    assert look({**PEER, "alone": True})["behind"] == "", "it has come here since"


def test_while_both_answer_drbd_finds_whose_data_count(host: Desk) -> None:
    look()
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert "not connected" in look(PEER)["unready"]
    assert look({**PEER, "heard": False})["unready"] == ""


def test_a_device_without_a_whole_file_system_serves_nobody(host: Desk) -> None:
    for label in ("mha-forming", "", "home"):
        host.path("/dev/vdb").write_bytes(superblock(label))
        found = look()
        assert (found["usable"], found["active"]) == (False, False)


def test_promotion_in_order_and_again(host: Desk) -> None:
    resource = resource_drbd.Resource()
    resource.promote()
    names = [call.split()[0] + " " + call.split()[1] for call in host.calls]
    assert names == ["drbdadm primary", "fsck.ext4 -p", "mount -t"]
    assert look(resource=resource)["active"] is True
    host.forget()
    resource.promote()
    assert host.calls == [], "what is done is left alone"


def test_promotion_that_was_cut_short_is_gone_on_with(host: Desk) -> None:
    host.write("/proc/drbd", text("Connected", "Primary/Secondary"))
    resource = resource_drbd.Resource()
    assert look(resource=resource)["active"] is None, "neither serving nor standing by"
    resource.promote()
    assert [call.split()[0] for call in host.calls] == ["fsck.ext4", "mount"]


def xfs_superblock(label: str) -> bytes:
    head = bytearray(drbd_label.SIZE)
    head[:4] = b"XFSB"
    head[108 : 108 + len(label)] = label.encode()
    return bytes(head)


def test_a_plain_file_system_of_xfs(host: Desk) -> None:
    """xfs mends itself by its journal at the mount: nothing is run before; and without MariaDB mounted is serving."""
    host.write("/etc/mariadb-ha/drbd.env", ENV.replace('"ext4"', '"xfs"'))
    host.path("/dev/vdb").write_bytes(xfs_superblock("mha-forming"))
    assert look()["usable"] is False, "what belongs on it is still being laid"
    host.path("/dev/vdb").write_bytes(xfs_superblock("mha-drbd"))
    resource = resource_drbd.Resource()
    resource.promote()
    assert [call.split()[0] for call in host.calls] == ["drbdadm", "mount"]
    assert "mount -t xfs" in host.calls[1]
    assert look(resource=resource)["active"] is True
    host.forget()
    resource.demote(hung=False)
    assert [call.split()[0] for call in host.calls] == ["umount", "drbdadm"]


def test_demotion_in_order(host: Desk) -> None:
    resource = resource_drbd.Resource()
    resource.promote()
    host.forget()
    resource.demote(hung=False)
    assert [call.split()[0] for call in host.calls] == ["umount", "drbdadm"]
    assert look(resource=resource)["active"] is False


def test_a_refused_primary_is_a_failure_and_nothing_is_mounted(host: Desk) -> None:
    host.fake("drbdadm", "echo 'State change failed: (-1) Multiple primaries not allowed by config' >&2; exit 11")
    with pytest.raises(Failure, match="Multiple primaries"):
        resource_drbd.Resource().promote()
    assert [call.split()[0] for call in host.calls] == ["drbdadm"]


def test_a_damaged_file_system_is_not_mounted(host: Desk) -> None:
    host.fake("fsck.ext4", "echo UNEXPECTED INCONSISTENCY; exit 4")
    with pytest.raises(Failure, match="UNEXPECTED"):
        resource_drbd.Resource().promote()
    assert not any(call.startswith("mount") for call in host.calls)


def test_a_file_system_that_stays_busy_keeps_the_host_primary(host: Desk) -> None:
    """Never Secondary, and never the other one Primary, while somebody still has the file system."""
    resource = resource_drbd.Resource()
    resource.promote()
    host.fake("umount", "echo target is busy >&2; exit 32")
    with pytest.raises(Failure, match="stays mounted"):
        resource.demote(hung=False)
    assert any(call.startswith("fuser --kill") for call in host.calls)
    assert look(resource=resource)["active"] is True


@pytest.mark.parametrize(("eligible", "usable"), [(True, False), (False, True)])
def test_a_primary_without_a_disk_goes_on_until_the_other_can_take_over(
    host: Desk, eligible: bool, usable: bool
) -> None:
    host.write("/proc/drbd", text("Connected", "Primary/Secondary", "Diskless/UpToDate"))
    host.write("/proc/self/mounts", MOUNTED)
    resource = resource_drbd.Resource()
    resource.formed = True
    found = look({**PEER, "eligible": eligible}, resource)
    assert (found["usable"], found["active"]) == (usable, True)


def test_split_brain_needs_a_person(host: Desk) -> None:
    host.write("/proc/drbd", text("StandAlone", "Secondary/Unknown", "UpToDate/DUnknown"))
    resource = resource_drbd.Resource()
    look(resource=resource)
    assert resource.needs_person and resource.said()["connection"] == "StandAlone"


def test_without_a_peer_that_lives_nobody_can_hold_newer_data(host: Desk) -> None:
    host.write("/etc/mariadb-ha/drbd.env", ENV.replace('PEER="b"', 'PEER=""'))
    host.write("/proc/drbd", text("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown"))
    assert look()["behind"] == ""


@pytest.mark.parametrize(
    ("state", "active", "usable", "words"),
    [
        ("activating", None, True, ""),
        ("failed", None, False, "has failed"),
        ("inactive", None, True, "does not run"),
        ("deactivating", None, True, ""),
        ("", None, True, ""),
    ],
)
def test_mariadb_between_mounted_and_serving(
    host: Desk, state: str, active: bool | None, usable: bool, words: str
) -> None:
    host.write("/etc/mariadb-ha/drbd.env", ENV.replace('MARIADB="no"', 'MARIADB="yes"'))
    host.write("/proc/drbd", text("Connected", "Primary/Secondary"))
    host.write("/proc/self/mounts", MOUNTED)
    host.fake("systemctl", f"echo {state}")
    found = look()
    assert (found["active"], found["usable"]) == (active, usable)
    assert words in found["unwell"]
    assert bool(found["unready"]) is (state in ("activating", "deactivating", "")), "not known is not stopped"


def test_a_mariadb_that_ended_while_it_served_is_a_fault(host: Desk) -> None:
    host.write("/etc/mariadb-ha/drbd.env", ENV.replace('MARIADB="no"', 'MARIADB="yes"'))
    host.write("/proc/drbd", text("Connected", "Primary/Secondary"))
    host.write("/proc/self/mounts", MOUNTED)
    resource = resource_drbd.Resource()
    resource.served = True
    assert look(resource=resource)["usable"] is False, "the VIP goes to the other host"


def test_while_a_program_saves_the_device_the_promoter_keeps_its_hands_off(host: Desk) -> None:
    host.write("/proc/drbd", text("StandAlone", "Primary/Unknown", "UpToDate/DUnknown"))
    resource = resource_drbd.Resource()
    with only_one(HANDS):
        found = look(resource=resource)
        assert (found["usable"], found["active"]) == (False, False)
    assert look(resource=resource)["active"] is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (text("Connected", "Primary/Secondary"), ""),
        (text("VerifyS", "Primary/Secondary"), ""),
        (text("WFConnection", "Primary/Unknown", "UpToDate/DUnknown"), "not connected with b (WFConnection)"),
        (text("StandAlone", "Primary/Unknown", "UpToDate/DUnknown"), "not connected with b (StandAlone)"),
        (text("SyncSource", "Primary/Secondary", "UpToDate/Inconsistent", more=SYNC), "not whole and up to date"),
        (text("Connected", "Primary/Secondary", "UpToDate/Diskless"), "(Diskless)"),
        (text("Connected", "Primary/Secondary", "Diskless/UpToDate"), ""),
    ],
)
def test_what_hinders_a_planned_handover(host: Desk, line: str, words: str) -> None:
    host.write("/proc/drbd", line)
    found = resource_drbd.hinders_handover()
    assert words in found and bool(words) == bool(found)


def test_a_long_transaction_hinders_a_planned_handover(host: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_drbd, "long_transaction", lambda: "session 7 has a transaction open")
    assert resource_drbd.hinders_handover() == "", "no server runs on this device"
    host.write("/etc/mariadb-ha/drbd.env", ENV.replace('MARIADB="no"', 'MARIADB="yes"'))
    assert "session 7" in resource_drbd.hinders_handover()
