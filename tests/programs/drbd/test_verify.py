"""`drbd-verify`: two disks compared while they are in use; what differs is named, kept, and never mended unasked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import facts_drbd
import pytest
from drbd_state import parse
from mha_common import Failure

from tests.programs.conftest import Desk, load
from tests.programs.drbd.test_resource import ENV, superblock
from tests.programs.drbd.test_state import text

Last = Callable[[subprocess.CompletedProcess[str]], str]
RECORD = "/var/lib/mariadb-ha/drbd-verify.json"
DONE = "block drbd0: Online verify  done (total 61 sec; paused 0 sec; 34376 K/sec)\n"
DIFFERS = (
    "block drbd0: Out of sync: start=3145728, size=8 (sectors)\n"
    "block drbd1: Out of sync: start=1, size=8 (sectors)\n"
    "block drbd0: Out of sync: start=3145760, size=16 (sectors)\n"
)
VERIFY = "\t[===>................] verified: 24.5% (1583108/2097052)K\n\tfinish: 0:01:40 speed: 15,804 (15,804) K/sec\n"


RUNS = text("VerifyS", "Primary/Secondary", more=VERIFY)
ALIKE = text("Connected", "Primary/Secondary")


@pytest.fixture
def pair(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The Primary of a pair in sync."""
    desk.write("/etc/mariadb-ha/drbd.env", ENV + 'VERIFY_ALG="crc32c"\n')
    desk.path("/dev").mkdir(exist_ok=True)
    desk.path("/dev/vdb").write_bytes(superblock("mha-drbd"))
    desk.write("/proc/drbd", ALIKE)
    desk.write("/log", DONE)
    desk.fake("drbdadm", "exit 0")
    desk.fake("journalctl", f"cat {desk.root}/log")
    monkeypatch.setenv("PATH", desk.env["PATH"])
    monkeypatch.setenv("MHA_PAUSE", "0.01")
    return desk


def verify(monkeypatch: pytest.MonkeyPatch, *lines: str) -> int:
    """drbd-verify; each of its looks sees the kernel's next line, and the last one for ever."""
    left = list(lines)
    program = load("drbd-verify")
    program.BEGIN = 0.05
    monkeypatch.setattr("sys.argv", ["drbd-verify"])
    monkeypatch.setattr(program, "look", lambda config: parse(left.pop(0) if len(left) > 1 else left[0], config.minor))
    code: int = program.main()
    return code


def record(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(desk.read(RECORD))
    return found


def begun(desk: Desk) -> list[str]:
    return [call for call in desk.calls if call.startswith("drbdadm")]


def test_two_disks_that_are_alike(
    pair: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(monkeypatch, ALIKE, RUNS, RUNS, ALIKE) == 0
    assert begun(pair) == ["drbdadm verify pair"]
    said = capsys.readouterr().out
    assert "24.5 %" in said, "how far it is"
    assert "both disks are alike" in said
    assert (record(pair)["whole"], record(pair)["out_of_sync_kib"], record(pair)["ranges"]) == (True, 0, [])


def test_blocks_that_differ_are_named_and_nothing_is_mended(
    pair: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pair.write("/log", DIFFERS + "block drbd0: Online verify found 3 4k block out of sync!\n" + DONE)
    with pytest.raises(Failure, match="12 KiB differ") as raised:
        verify(monkeypatch, ALIKE, RUNS, text("Connected", "Primary/Secondary", oos=12))
    assert "docs/runbook.md" in raised.value.todo
    said = capsys.readouterr().out
    assert "differs: 4 KiB at 1572864 KiB of /dev/drbd0 (sector 3145728, 8 sectors)" in said
    assert record(pair)["ranges"] == [[3145728, 8], [3145760, 16]], "another device's are not this one's"
    assert begun(pair) == ["drbdadm verify pair"]


def test_one_that_was_cut_short_says_so_and_is_no_all_clear(pair: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.write("/log", "")
    with pytest.raises(Failure, match="cut short: WFConnection"):
        verify(monkeypatch, ALIKE, RUNS, text("WFConnection", "Primary/Unknown", "UpToDate/DUnknown"))
    assert record(pair)["whole"] is False and "WFConnection" in record(pair)["why"]


def test_one_that_is_connected_again_and_never_went_through(pair: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link may have broken and come back between two looks: the kernel's own word counts."""
    pair.write("/log", "block drbd0: conn( VerifyS -> NetworkFailure )\n")
    with pytest.raises(Failure, match="does not say that the verification went through"):
        verify(monkeypatch, ALIKE, RUNS, ALIKE)
    assert record(pair)["whole"] is False


def test_one_that_runs_is_waited_for(pair: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verify(monkeypatch, RUNS, RUNS, ALIKE) == 0
    assert begun(pair) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (text("WFConnection", "Primary/Unknown", "UpToDate/DUnknown"), "not in sync (WFConnection"),
        (text("SyncSource", "Primary/Secondary", "UpToDate/Inconsistent"), "not in sync (SyncSource"),
        (text("Connected", "Primary/Secondary", "UpToDate/Diskless"), "Diskless on b"),
        ("", "is not set up"),
    ],
)
def test_what_cannot_be_compared_now(pair: Desk, line: str, words: str, last_line: Last) -> None:
    pair.write("/proc/drbd", line)
    done = pair.run("drbd-verify")
    assert done.returncode == 1 and words in last_line(done)
    scheduled = pair.run("drbd-verify", "--scheduled")
    assert scheduled.returncode == 0, "the timer comes again"
    assert pair.calls == [] and not pair.path(RECORD).exists()


def test_the_timer_goes_on_both_and_the_primary_alone_does_it(pair: Desk) -> None:
    pair.write("/proc/drbd", text("Connected", "Secondary/Primary"))
    assert "nothing to do" in pair.run("drbd-verify", "--scheduled").stdout
    assert pair.calls == []
    pair.write("/proc/drbd", text("Connected", "Primary/Secondary"))
    assert pair.run("drbd-verify", "--scheduled").returncode == 0
    assert pair.calls[0] == "drbdadm verify pair"


def test_without_a_digest_nothing_is_compared(pair: Desk, last_line: Last) -> None:
    pair.write("/etc/mariadb-ha/drbd.env", ENV + 'VERIFY_ALG=""\n')
    done = pair.run("drbd-verify")
    assert done.returncode == 1 and "no verify_alg" in last_line(done)


def test_host_facts_tell_the_last_one(pair: Desk) -> None:
    def never(question: str) -> tuple[int, str]:
        return 0, ""

    assert facts_drbd.facts(never)["drbd"]["verified"] == {}
    assert pair.run("drbd-verify").returncode == 0
    assert facts_drbd.facts(never)["drbd"]["verified"]["whole"] is True


@pytest.mark.parametrize(
    ("there", "active", "call"),
    [
        (True, False, "systemctl start mariadb-ha-drbd-verify.timer"),
        (True, True, None),
        (False, True, "systemctl stop mariadb-ha-drbd-verify.timer"),
        (False, False, None),
    ],
)
def test_the_timer_runs_where_the_settings_have_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, there: bool, active: bool, call: str | None
) -> None:
    monkeypatch.setenv("PATH", desk.env["PATH"])
    desk.fake("systemctl", f"case $1 in is-active) exit {0 if active else 3};; esac")
    if there:
        desk.write("/etc/systemd/system/mariadb-ha-drbd-verify.timer", "[Timer]\n")
    load("drbd-up").keep_schedule()
    assert [each for each in desk.calls if "is-active" not in each] == ([call] if call else [])
