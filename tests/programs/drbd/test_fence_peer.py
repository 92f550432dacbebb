"""DRBD's fencing handler: when it has the other host powered off, and how it shares that with the promoter."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import product
from typing import Any

import fenced_mark
import pytest
from drbd_fencing import FENCE, FENCED, REFUSE, SPARE, WAIT, by_files, decide
from drbd_state import HANDS, Seen
from mha_common import only_one

from tests.programs.conftest import Desk
from tests.programs.drbd.test_resource import ENV
from tests.programs.drbd.test_state import text

Last = Callable[[subprocess.CompletedProcess[str]], str]
STONITH = 7
PROMOTER = """NAME="pair"
RESOURCE="drbd"
VIPS="192.0.2.9"
PORT="{port}"
WITNESSES=""
PEER="b"
PEER_ADDRESS="192.0.2.2"
PEER_TIMEOUT="0.1"
HANG_TIMEOUT="0.2"
FENCING="{fencing}"
"""
#: The promoter of a host that is to serve, or serves, and hears nobody.
ENTITLED = {"vip": True, "right": True, "ineligible": "", "cut_off": "", "peer_heard": False, "fenced": False}
JUST_BOOTED = {**ENTITLED, "vip": False, "right": False, "ineligible": "the other host has not been heard since"}


def lost(role: str) -> Seen:
    return Seen("WFConnection", role, "Unknown", "UpToDate", "DUnknown")


@pytest.mark.parametrize(
    ("role", "changes", "action"),
    [
        ("Secondary", {}, FENCE),
        ("Primary", {}, FENCE),
        ("Secondary", {"fenced": True}, FENCED),
        ("Primary", {"fenced": True}, FENCE),
        ("Secondary", {"right": False}, REFUSE),
        ("Secondary", {"vip": False}, REFUSE),
        ("Secondary", {"vip": False, "fenced": True}, REFUSE),
        ("Secondary", {"ineligible": "it may hold older data"}, REFUSE),
        ("Secondary", {"cut_off": "nobody answers"}, REFUSE),
        ("Secondary", {"peer_heard": True}, REFUSE),
        ("Secondary", JUST_BOOTED, REFUSE),
        ("Primary", {"vip": False}, WAIT),
        ("Primary", {"right": False}, WAIT),
        ("Primary", {"cut_off": "nobody answers"}, WAIT),
        ("Primary", {"ineligible": "out of service"}, FENCE),
    ],
)
@pytest.mark.parametrize("over", [False, True])
def test_who_has_the_other_one_powered_off(role: str, changes: dict[str, Any], action: str, over: bool) -> None:
    assert decide(lost(role), {**ENTITLED, **changes}, in_hands=False, over=over).action == action


@pytest.mark.parametrize(("over", "action"), [(False, WAIT), (True, FENCE)])
def test_a_primary_whose_other_host_answers_waits_for_drbd_first(over: bool, action: str) -> None:
    assert decide(lost("Primary"), {**ENTITLED, "peer_heard": True}, in_hands=False, over=over).action == action


@pytest.mark.parametrize(("role", "over", "action"), [("Primary", True, WAIT), ("Secondary", True, REFUSE)])
def test_without_the_promoters_word(role: str, over: bool, action: str) -> None:
    assert decide(lost(role), {}, in_hands=False, over=over).action == action
    assert decide(lost(role), {}, in_hands=False, over=False).action == WAIT


def test_nobody_without_the_vip_and_the_right_has_anybody_powered_off() -> None:
    """Whatever else is so: a host that has just booted, or lost sight of a Primary that is slow, has neither."""
    flags = ("vip", "right", "peer_heard", "fenced")
    for values in product([False, True], repeat=len(flags)):
        said = {**ENTITLED, **dict(zip(flags, values, strict=True))}
        for role, over in product(["Primary", "Secondary"], [False, True]):
            acts = decide(lost(role), said, in_hands=False, over=over).action in (FENCE, FENCED)
            assert not acts or (said["vip"] and said["right"]), said
    for right, vip in [(False, True), (True, False), (False, False)]:
        assert decide(lost("Primary"), by_files(right=right, vip=vip), in_hands=False, over=True).action == WAIT


def test_a_connection_that_is_back_spares_the_other_one() -> None:
    back = Seen("Connected", "Primary", "Secondary", "UpToDate", "UpToDate")
    assert decide(back, ENTITLED, in_hands=False, over=True).action == REFUSE
    assert decide(None, ENTITLED, in_hands=False, over=True).action == REFUSE


def test_data_that_are_saved_power_off_nobody_who_serves() -> None:
    """`drbd-discard` makes a host Primary that stands alone: the other one serves."""
    assert decide(lost("Secondary"), JUST_BOOTED, in_hands=True, over=False).action == SPARE


class Says(BaseHTTPRequestHandler):
    """A promoter with one answer after the other; the last one stays."""

    answers: list[dict[str, Any]]

    def do_GET(self) -> None:
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        data = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def promoter(desk: Desk) -> Iterator[Callable[..., None]]:
    """A host of the pair that hears nobody; called with what its promoter says, and with its role."""
    handler = type("Bound", (Says,), {"answers": [ENTITLED]})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    desk.write("/etc/mariadb-ha/drbd.env", ENV)
    desk.fake("agent", "exit 0")
    values = {"port": server.server_port, "fencing": desk.bin / "agent"}
    desk.write("/etc/mariadb-ha/promoter.env", PROMOTER.format(**values))

    def say(*answers: dict[str, Any], role: str = "Secondary") -> None:
        handler.answers = list(answers)  # type: ignore[attr-defined]
        desk.write("/proc/drbd", text("WFConnection", f"{role}/Unknown", "UpToDate/DUnknown"))

    say(ENTITLED)
    yield say
    server.shutdown()
    server.server_close()


def mark(desk: Desk) -> float:
    return fenced_mark.laid_at("pair", "b")


def test_stonith_is_said_only_when_the_other_one_is_off(
    desk: Desk, promoter: Callable[..., None], last_line: Last
) -> None:
    desk.fake("agent", "echo no answer from the BMC >&2; exit 1")
    done = desk.run("drbd-fence-peer")
    assert done.returncode == 1
    assert "no answer from the BMC" in last_line(done)
    assert mark(desk) == fenced_mark.NEVER, "no mark without a success"
    desk.fake("agent", "exit 0")
    desk.forget()
    assert desk.run("drbd-fence-peer").returncode == STONITH
    assert desk.calls == ["agent off b"]
    assert mark(desk) > 0, "the promoter asks nobody again"


def test_what_the_promoter_has_powered_off_is_not_powered_off_again(desk: Desk, promoter: Callable[..., None]) -> None:
    promoter({**ENTITLED, "fenced": True})
    assert desk.run("drbd-fence-peer").returncode == STONITH
    assert desk.calls == []


def test_an_agent_that_fails_is_asked_again_while_writes_wait(desk: Desk, promoter: Callable[..., None]) -> None:
    """The kernel asks its handler once."""
    promoter(ENTITLED, role="Primary")
    desk.fake("agent", f'[ -e "{desk.root}/tried" ] || {{ touch "{desk.root}/tried"; exit 1; }}')
    assert desk.run("drbd-fence-peer").returncode == STONITH
    assert desk.calls == ["agent off b", "agent off b"]


def test_a_primary_that_may_not_yet_waits_until_it_may(desk: Desk, promoter: Callable[..., None]) -> None:
    promoter({**ENTITLED, "vip": False}, {**ENTITLED, "cut_off": "nobody answers"}, ENTITLED, role="Primary")
    assert desk.run("drbd-fence-peer").returncode == STONITH
    assert desk.calls == ["agent off b"]


def test_a_host_that_has_just_booted_powers_nobody_off(
    desk: Desk, promoter: Callable[..., None], last_line: Last
) -> None:
    """`drbdadm primary` by hand there asks the handler, too."""
    promoter(JUST_BOOTED)
    done = desk.run("drbd-fence-peer")
    assert done.returncode == 1 and desk.calls == []
    assert "not its place to serve" in last_line(done)


def test_saving_one_side_of_a_split_powers_nobody_off(desk: Desk, promoter: Callable[..., None]) -> None:
    promoter(JUST_BOOTED)
    with only_one(HANDS):
        done = desk.run("drbd-fence-peer")
    assert done.returncode == STONITH and desk.calls == []
    assert "NOT powered off" in done.stdout
    assert mark(desk) == fenced_mark.NEVER


def test_a_promoter_that_stays_silent(desk: Desk, promoter: Callable[..., None], last_line: Last) -> None:
    """Being promoted by hand, the host is refused; a Primary goes by the right that it keeps, and by the VIP."""
    promoter({}, role="Secondary")
    assert "does not answer" in last_line(desk.run("drbd-fence-peer"))
    assert desk.calls == []
    desk.write("/run/mariadb-ha/pair.right", '{"held": true, "term": 3}')
    file = desk.path("/etc/mariadb-ha/promoter.env")
    file.write_text(file.read_text().replace('VIPS="192.0.2.9"', 'VIPS="127.0.0.1"'))
    promoter({}, role="Primary")
    assert desk.run("drbd-fence-peer").returncode == STONITH
    assert desk.calls == ["agent off b"]


def test_disarmed_fencing_powers_nobody_off_and_says_so_for_a_bounded_time(
    desk: Desk, promoter: Callable[..., None]
) -> None:
    """A drill that has both serve lays the file; one that is forgotten does not disarm for ever."""
    flag = desk.write("/run/mariadb-ha/fencing-disarmed", "hactl drill split-brain\n")
    done = desk.run("drbd-fence-peer")
    assert done.returncode == STONITH and desk.calls == []
    assert "NOT powered off" in done.stdout and "hactl drill split-brain" in done.stdout
    assert mark(desk) == fenced_mark.NEVER, "a drill is no power-off"
    old = flag.stat().st_mtime - 1000
    os.utime(flag, (old, old))
    assert desk.run("drbd-fence-peer").returncode == STONITH
    assert desk.calls == ["agent off b"]


def test_without_a_command_nobody_is_said_to_be_off(desk: Desk, promoter: Callable[..., None]) -> None:
    desk.write("/etc/mariadb-ha/promoter.env", PROMOTER.format(port=9201, fencing=""))
    assert desk.run("drbd-fence-peer").returncode == 1
