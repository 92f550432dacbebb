"""web-check: a dead nginx is started again, one that stays dead loses the VIP, one that is late is not dead at once."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import Any

import pytest

from tests.programs.conftest import load
from tests.programs.web.conftest import WebHost

REFUSED, LATE = ("Connection refused", False), ("it takes connections and has not answered in 2 s", True)
WELL = ("", False)
UP, DOWN = {"down": False, "late": 0}, {"down": True, "late": 0}


@pytest.mark.parametrize(
    ("before", "seen", "start", "after", "restarts", "words"),
    [
        ({}, [WELL], 0, UP, 0, ""),
        ({}, [REFUSED, WELL], 0, UP, 1, "nginx answers again"),
        ({}, [REFUSED, REFUSED, WELL], 0, UP, 1, "nginx answers again"),
        ({}, [REFUSED], 1, DOWN, 1, "stays down (it does not start (masked)): the VIP is given up"),
        (DOWN, [REFUSED], 1, DOWN, 1, ""),
        (DOWN, [REFUSED, WELL], 0, UP, 1, "this host may hold the VIP"),
        (DOWN, [WELL], 0, UP, 0, "well again: this host may hold the VIP"),
        ({}, [LATE], 0, {"down": False, "late": 1}, 0, ""),
        ({"late": 1}, [LATE, WELL], 0, UP, 1, "has not answered"),
        ({"late": 1}, [WELL], 0, UP, 0, ""),
    ],
)
def test_what_follows_from_a_look(
    monkeypatch: pytest.MonkeyPatch,
    before: dict[str, Any],
    seen: list[tuple[str, bool]],
    start: int,
    after: dict[str, Any],
    restarts: int,
    words: str,
) -> None:
    program, said, ran, left = load("web-check"), [], [], list(seen)

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append(command[1])
        return subprocess.CompletedProcess(command, start if command[1] == "restart" else 0, "", "masked")

    monkeypatch.setenv("MHA_PAUSE", "0")
    program.__dict__.update(trouble=lambda _config: left.pop(0), run=run, log=said.append)
    assert program.look(None, before) == after
    assert ran.count("restart") == restarts
    assert words in " ".join(said)
    assert bool(words) is bool(said)


def check(host: WebHost) -> int:
    return host.desk.run("web-check").returncode


def test_the_whole_life_of_a_dead_nginx(host: WebHost) -> None:
    """The exit code is what keepalived goes by; keepalived itself is not touched."""
    host.nginx.start(host.port)
    assert check(host) == 0
    host.nginx.stop()
    host.desk.fake("systemctl", "[ $1 != restart ] || { echo masked >&2; exit 1; }")
    assert check(host) == 1
    assert json.loads(host.desk.read("/run/mariadb-ha/web-check.json"))["down"] is True
    host.nginx.start(host.port)
    done = host.desk.run("web-check")
    assert done.returncode == 0
    assert "well again" in done.stdout
    assert not [call for call in host.desk.calls if "keepalived" in call]


def test_somebody_else_at_the_port_is_no_nginx(host: WebHost) -> None:
    host.nginx.words = "something else\n"
    host.nginx.start(host.port)
    host.desk.fake("systemctl", "[ $1 != restart ] || exit 1")
    done = host.desk.run("web-check")
    assert done.returncode == 1
    assert f"something else answers at port {host.port}" in done.stdout


def test_a_late_answer_is_no_death(host: WebHost) -> None:
    """It takes connections and says nothing: the first look waits for another one."""
    host.desk.fake("systemctl", "exit 1")
    with socket.create_server(("127.0.0.1", host.port)):
        assert check(host) == 0
        assert host.desk.calls == []
        assert check(host) == 1, "late twice, and it does not start"


def looks(host: WebHost) -> str:
    """What several looks say together; on a slow machine one of them may not wait long enough for the agent."""
    return "".join(host.desk.run("web-check").stdout for _ in range(4))


def test_both_holders_are_written_down_once(host: WebHost) -> None:
    host.nginx.start(host.port)
    host.agent.words, host.agent.status = "both hold the VIP: web2 has it too, VRRP does not reach one of the two", 503
    host.agent.start(host.agent_port)
    assert looks(host).count("both hold the VIP: web2") == 1
    host.agent.words, host.agent.status = "ok: nginx answers; holds the VIP", 200
    assert looks(host).count("one host holds the VIP again") == 1
