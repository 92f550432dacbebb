"""Giving up one side of a split: saved first, in the manual's order, refused while in use. And the fencing handler."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

from tests.programs.conftest import Desk
from tests.programs.drbd.test_resource import ENV, MOUNTED
from tests.programs.drbd.test_state import text

Last = Callable[[subprocess.CompletedProcess[str]], str]
PROMOTER = """NAME="pair"
RESOURCE="drbd"
VIPS="192.0.2.9"
PORT="9201"
WITNESSES=""
PEER="b"
PEER_ADDRESS="192.0.2.2"
PEER_TIMEOUT="1"
HANG_TIMEOUT="3"
FENCING="{fencing}"
"""


@pytest.fixture
def split(desk: Desk) -> Desk:
    """A host that was written to alone, and serves no more."""
    desk.write("/etc/mariadb-ha/drbd.env", ENV)
    desk.write("/proc/drbd", text("StandAlone", "Secondary/Unknown", "UpToDate/DUnknown", oos=340))
    proc = f"{desk.root}/proc/drbd"
    desk.fake(
        "drbdadm",
        f"case $1 in primary) sed -i 's#ro:Secondary/#ro:Primary/#' {proc};;"
        f" secondary) sed -i 's#ro:Primary/#ro:Secondary/#' {proc};; esac",
    )
    desk.fake("mount", 'for place; do :; done; echo rows >"$place/t.ibd"')
    desk.fake("umount", 'rm -f "$1"/*')
    return desk


def verbs(desk: Desk) -> list[str]:
    return [" ".join(call.split()[:3]) if call.startswith("drbdadm") else call.split()[0] for call in desk.calls]


def test_saved_first_and_then_in_the_manuals_order(split: Desk) -> None:
    done = split.run("drbd-discard", MHA_PAUSE="0.05")
    assert done.returncode == 0, done.stderr
    assert verbs(split) == [
        "drbdadm disconnect pair",
        "drbdadm primary pair",
        "mount",
        "umount",
        "drbdadm secondary pair",
        "drbdadm connect --discard-my-data",
    ]
    [saved] = split.path("/var/lib/mariadb-ha/split-brain").iterdir()
    listed = subprocess.run(["tar", "-tzf", str(saved)], capture_output=True, text=True, check=True).stdout
    assert "./t.ibd" in listed
    assert "ro" in next(call for call in split.calls if call.startswith("mount")).split()


def test_what_cannot_be_saved_is_not_discarded(split: Desk, last_line: Last) -> None:
    split.fake("mount", "echo wrong fs type >&2; exit 32")
    done = split.run("drbd-discard")
    assert done.returncode == 1
    assert "nothing was discarded" in last_line(done)
    assert not any("--discard-my-data" in call for call in split.calls)


def test_a_saving_that_was_cut_short_leaves_nothing_that_looks_whole(split: Desk) -> None:
    split.fake("tar", "exit 2")
    assert split.run("drbd-discard").returncode == 1
    assert not [file for file in split.path("/var/lib/mariadb-ha/split-brain").iterdir() if file.suffix == ".gz"]
    assert not any("--discard-my-data" in call for call in split.calls)


def test_two_that_speak_with_each_other_lose_nothing(split: Desk) -> None:
    split.write("/proc/drbd", text("Connected", "Secondary/Primary"))
    done = split.run("drbd-discard")
    assert done.returncode == 0 and "nothing to do" in done.stdout
    assert split.calls == []


@pytest.mark.parametrize("disk", ["Inconsistent", "Diskless"])
def test_data_that_are_not_whole_are_no_side(split: Desk, disk: str) -> None:
    split.write("/proc/drbd", text("StandAlone", "Secondary/Unknown", f"{disk}/DUnknown"))
    assert split.run("drbd-discard").returncode == 1
    assert split.calls == []


def test_the_handler_says_stonith_only_when_the_other_one_is_off(desk: Desk, last_line: Last) -> None:
    agent = desk.bin / "agent"
    desk.fake("agent", "exit 0")
    desk.write("/etc/mariadb-ha/promoter.env", PROMOTER.format(fencing=agent))
    assert desk.run("drbd-fence-peer").returncode == 7
    assert desk.calls == ["agent off b"]
    desk.fake("agent", "echo no answer from the BMC >&2; exit 1")
    done = desk.run("drbd-fence-peer")
    assert done.returncode == 1
    assert "no answer from the BMC" in last_line(done)


def test_disarmed_fencing_powers_nobody_off_and_says_so_for_a_bounded_time(desk: Desk) -> None:
    """A drill that has both serve lays the file; one that is forgotten does not disarm for ever."""
    desk.fake("agent", "exit 0")
    desk.write("/etc/mariadb-ha/promoter.env", PROMOTER.format(fencing=desk.bin / "agent"))
    flag = desk.write("/run/mariadb-ha/fencing-disarmed", "hactl drill split-brain\n")
    done = desk.run("drbd-fence-peer")
    assert done.returncode == 7 and desk.calls == []
    assert "NOT powered off" in done.stdout and "hactl drill split-brain" in done.stdout
    old = flag.stat().st_mtime - 1000
    os.utime(flag, (old, old))
    assert desk.run("drbd-fence-peer").returncode == 7
    assert desk.calls == ["agent off b"]


def test_without_a_command_nobody_is_said_to_be_off(desk: Desk) -> None:
    desk.write("/etc/mariadb-ha/promoter.env", PROMOTER.format(fencing=""))
    assert desk.run("drbd-fence-peer").returncode == 1


def test_mounted_means_in_use(split: Desk, last_line: Last, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.programs.conftest import load

    split.write("/proc/self/mounts", MOUNTED)
    monkeypatch.setenv("PATH", split.env["PATH"])
    monkeypatch.setenv("MHA_PAUSE", "0.01")
    monkeypatch.setattr("sys.argv", ["drbd-discard"])
    program = load("drbd-discard")
    program.PATIENCE = 0.05
    with pytest.raises(program.Failure, match="still mounted"):
        program.main()
    assert split.calls == []
