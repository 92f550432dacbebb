"""The draining flag: whose it is, whether the roll that set it still works, and its end after a reboot."""

from __future__ import annotations

import drain_flag
import pytest
from drain_flag import end_drain_of_earlier_boot, put_back, read_flag, take_out

from tests.programs.conftest import Desk

FLAG = "/var/lib/mariadb-ha/draining"


def test_no_flag_no_draining(desk: Desk) -> None:
    assert read_flag() is None


@pytest.mark.parametrize(
    ("text", "roll"),
    [("disk is being replaced\n", False), ("", False), ("roll-out of a kernel\n", False), ("up\n", False)],
)
def test_a_persons_flag_is_no_rolls(desk: Desk, text: str, roll: bool) -> None:
    desk.write(FLAG, text)
    flag = read_flag()
    assert flag
    assert flag.roll is roll
    assert flag.reason


def test_own_flag_names_boot_and_process(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain_flag.os, "getpid", lambda: 77)
    take_out("galera-roll")
    flag = read_flag()
    assert flag
    assert (flag.roll, flag.boot, flag.pid, flag.earlier_boot) == (True, "boot-1", 77, False)
    assert flag.at_work, "who may not see other users' processes (hidepid) takes it for one that is at work"
    desk.write("/proc/1/cmdline", "/sbin/init\0")
    assert not flag.at_work, "there is no such process"
    assert flag.cut_short
    desk.write("/proc/77/cmdline", "nano\0/etc/hosts\0")
    assert not flag.at_work, "its number belongs to another program now"
    desk.write("/proc/77/cmdline", "/usr/bin/python3\0/usr/local/lib/mariadb-ha/galera-roll\0")
    assert flag.at_work
    assert not flag.cut_short
    desk.write("/proc/sys/kernel/random/boot_id", "boot-2\n")
    assert flag.earlier_boot
    assert flag.cut_short
    put_back()
    assert read_flag() is None
    put_back()


def test_a_reboot_ends_a_rolls_draining_and_nobody_elses(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    take_out("galera-roll")
    end_drain_of_earlier_boot()
    assert read_flag(), "the roll of this boot goes on"
    desk.write("/proc/sys/kernel/random/boot_id", "boot-2\n")
    end_drain_of_earlier_boot()
    assert read_flag() is None
    assert "reboot" in capsys.readouterr().out
    desk.write(FLAG, "disk is being replaced\n")
    end_drain_of_earlier_boot()
    assert read_flag()
