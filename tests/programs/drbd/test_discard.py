"""Giving up one side of a split: saved first, in the manual's order, refused while in use."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.programs.conftest import Desk
from tests.programs.drbd.test_resource import ENV, MOUNTED
from tests.programs.drbd.test_state import text

Last = Callable[[subprocess.CompletedProcess[str]], str]


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
