"""Sessions of clients, counted from the kernel's table; taking a node out and putting it back."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
import roll_drain
from galera_state import load_config

from tests.programs.conftest import Desk

# 172.16.21.188:3306 from 172.16.21.11 established; the same closing; listening; over the loopback; to itself; another
# port.
TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: BC1510AC:0CEA 0B1510AC:C001 01 00000000:00000000 00:00000000 00000000   105        0 1
   1: BC1510AC:0CEA 0B1510AC:C002 06 00000000:00000000 00:00000000 00000000   105        0 2
   2: 00000000:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105        0 3
   3: 0100007F:0CEA 0100007F:C003 01 00000000:00000000 00:00000000 00000000   105        0 4
   4: B51510AC:0CEA B51510AC:C004 01 00000000:00000000 00:00000000 00000000   105        0 5
   5: BC1510AC:11D7 0B1510AC:C005 01 00000000:00000000 00:00000000 00000000   105        0 6
"""


def nothing() -> None:
    """No other node is taken out."""


def test_sessions(desk: Desk) -> None:
    assert roll_drain.sessions(3306) == 0
    desk.write("/proc/net/tcp", TABLE)
    assert roll_drain.sessions(3306) == 1
    assert roll_drain.sessions(4567) == 1


def test_sessions_of_the_kernel_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's own table is understood: sessions over the loopback are not clients'."""
    monkeypatch.delenv("MHA_ROOT", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert roll_drain.sessions(server.getsockname()[1]) == 0


@pytest.fixture
def drain(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A real server with an agent's word and sessions that the test sets."""
    desk.galera_env()
    desk.write("/etc/mariadb-ha/roll.env", 'DRAIN_TIMEOUT="0.4"\nDRAIN_NOTICE="4"\n')
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="172.16.21.188"\n')
    world: dict[str, Any] = {"sessions": [3, 2, 0], "verdict": [(503, "not yet"), (200, "ok")], "pauses": []}

    def pop(name: str) -> Any:
        return world[name].pop(0) if len(world[name]) > 1 else world[name][0]

    def pause(seconds: float) -> None:
        world["pauses"].append(seconds)
        time.sleep(0.05)

    monkeypatch.setattr(roll_drain, "sessions", lambda _port: pop("sessions"))
    monkeypatch.setattr(roll_drain, "own_answer", lambda _port: pop("verdict"))
    monkeypatch.setattr(roll_drain, "server_runs", lambda: True)
    monkeypatch.setattr(roll_drain, "pause", pause)
    return world


def test_directors_are_given_time_then_sessions(
    desk: Desk, drain: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    roll_drain.take_out(load_config(), roll_drain.drain_times(), others_serve=True, settle=nothing)
    assert drain["pauses"][0] == 4
    assert desk.read("/var/lib/mariadb-ha/draining").startswith("roll")
    assert "no session left" in capsys.readouterr().out


def test_sessions_that_stay_are_counted(drain: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    drain["sessions"] = [2]
    began = time.monotonic()
    roll_drain.take_out(load_config(), roll_drain.drain_times(), others_serve=True, settle=nothing)
    assert 0.4 <= time.monotonic() - began < 2
    assert "2 sessions have not ended after 0.4 s: they will be cut" in capsys.readouterr().out


def test_a_reference_node_is_not_waited_for(desk: Desk, drain: dict[str, Any]) -> None:
    desk.path("/etc/mariadb-ha/realserver.env").unlink()
    roll_drain.take_out(load_config(), roll_drain.drain_times(), others_serve=True, settle=nothing)
    assert drain["pauses"] == []


def test_nobody_waits_where_no_other_real_server_takes_the_clients(
    desk: Desk, drain: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    roll_drain.take_out(load_config(), roll_drain.drain_times(), others_serve=False, settle=nothing)
    assert drain["pauses"] == []
    assert desk.read("/var/lib/mariadb-ha/draining").startswith("roll")
    assert "taken out at once" in capsys.readouterr().out


def test_back_in_service_when_agent_and_directors_know(desk: Desk, drain: dict[str, Any]) -> None:
    desk.write("/var/lib/mariadb-ha/draining", "roll: x by galera-roll, boot=boot-1 pid=7\n")
    roll_drain.put_back(load_config(), roll_drain.drain_times())
    assert not desk.path("/var/lib/mariadb-ha/draining").exists()
    assert drain["pauses"][-1] == 4


def test_a_node_without_its_vip_is_not_waited_for(drain: dict[str, Any]) -> None:
    drain["verdict"] = [(503, "172.16.21.188 is not on lo: start mariadb-ha-lvsdr")]
    roll_drain.put_back(load_config(), roll_drain.drain_times())


def test_no_session_is_waited_for_before_the_node_is_the_only_one(desk: Desk, drain: dict[str, Any]) -> None:
    """Another node is taken out at the same time: nobody drains while both are."""

    def settle() -> None:
        assert desk.path("/var/lib/mariadb-ha/draining").exists(), "the other one must see it"
        raise LookupError

    with pytest.raises(LookupError):
        roll_drain.take_out(load_config(), roll_drain.drain_times(), others_serve=True, settle=settle)
    assert drain["pauses"] == []
