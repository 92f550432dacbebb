"""The program `switchover`, the two promoters' words stood in for: refused before anything is touched, taken back where
the other host does not come to serve, and on a DRBD pair patient for as long as MariaDB's end and start take."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs.conftest import Desk, load
from tests.programs.drbd.test_fence_peer import PROMOTER
from tests.programs.drbd.test_resource import ENV
from tests.programs.drbd.test_state import text

SERVES: dict[str, Any] = {
    "vip": True,
    "right": True,
    "active": True,
    "eligible": True,
    "ineligible": "",
    "why": "it serves",
    "unready": "",
    "age": 0.1,
}
STANDS_BY = {**SERVES, "vip": False, "right": False, "active": False, "why": "the VIP is elsewhere"}
FLAG = "/var/lib/mariadb-ha/draining"


class Pair:
    """Both promoters: this host's gives way as soon as the flag is there, if the other one is able to take over."""

    def __init__(self, desk: Desk, *, peer: dict[str, Any] = STANDS_BY, takes: bool = True) -> None:
        self.desk, self.peer, self.takes, self.moved, self.flagged = desk, peer, takes, False, 0

    def own_state(self, port: int) -> dict[str, Any]:
        if self.desk.path(FLAG).exists():
            self.flagged += 1
            self.moved = self.moved or self.takes
        return STANDS_BY if self.moved else SERVES

    def peer_state(self, settings: Any) -> dict[str, Any]:
        return SERVES if self.moved else self.peer


@pytest.fixture
def host(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The Primary of a DRBD pair in sync, without MariaDB."""
    desk.write("/etc/mariadb-ha/promoter.env", PROMOTER.format(port=9201, fencing=""))
    desk.write("/etc/mariadb-ha/drbd.env", ENV)
    desk.write("/proc/drbd", text("Connected", "Primary/Secondary"))
    monkeypatch.setenv("MHA_PAUSE", "0.01")
    return desk


def hand_over(pair: Pair, monkeypatch: pytest.MonkeyPatch, *arguments: str, patience: float = 0.05) -> None:
    import resource_drbd

    monkeypatch.setattr("sys.argv", ["switchover", *arguments])
    monkeypatch.setattr(resource_drbd, "TAKEN_OVER", patience)
    program = load("switchover")
    monkeypatch.setattr(program, "promoter_state", pair.own_state)
    monkeypatch.setattr(program, "peer_state", pair.peer_state)
    assert program.main() == 0


def failure() -> Any:
    from mha_common import Failure

    return Failure


def test_a_drbd_pair_hands_over_and_the_flag_is_gone(
    host: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = Pair(host)
    hand_over(pair, monkeypatch)
    assert pair.flagged and not host.path(FLAG).exists()
    said = capsys.readouterr().out
    assert "b takes writes" in said and "stands by" in said
    hand_over(pair, monkeypatch)
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("proc", "peer", "words"),
    [
        (text("WFConnection", "Primary/Unknown", "UpToDate/DUnknown"), STANDS_BY, "DRBD is not connected with b"),
        (text("SyncSource", "Primary/Secondary", "UpToDate/Inconsistent"), STANDS_BY, "not whole and up to date"),
        (text("Connected", "Primary/Secondary"), {}, "does not answer"),
        (
            text("Connected", "Primary/Secondary"),
            {**STANDS_BY, "eligible": False, "ineligible": "its disk is Diskless"},
            "its disk is Diskless",
        ),
        (text("Connected", "Primary/Secondary"), {**STANDS_BY, "active": None}, "hangs"),
    ],
)
def test_what_could_not_be_taken_over_at_once_is_not_begun(
    host: Desk, monkeypatch: pytest.MonkeyPatch, proc: str, peer: dict[str, Any], words: str
) -> None:
    host.write("/proc/drbd", proc)
    pair = Pair(host, peer=peer)
    with pytest.raises(failure(), match="nothing is handed over") as raised:
        hand_over(pair, monkeypatch)
    assert words in str(raised.value.what)
    assert not pair.flagged and not host.path(FLAG).exists()


def test_a_host_that_does_not_come_to_serve_gets_nothing(host: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience is the resource's own: a database's end and start on a DRBD pair take longer than a replica's."""
    pair = Pair(host, takes=False)
    with pytest.raises(failure(), match="b has not taken over") as raised:
        hand_over(pair, monkeypatch)
    assert "offered the VIP again" in raised.value.what
    assert pair.flagged and not host.path(FLAG).exists()


def test_what_a_killed_run_left_is_put_back_and_nothing_is_handed_over(
    host: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.write(FLAG, "roll: a change of the configuration by switchover, boot=boot-0 pid=7\n")
    pair = Pair(host)
    hand_over(pair, monkeypatch, "--put-back")
    assert not host.path(FLAG).exists() and not pair.moved
    host.write(FLAG, "the disk is being replaced\n")
    hand_over(pair, monkeypatch, "--put-back")
    assert host.path(FLAG).exists(), "a person's own stays"
