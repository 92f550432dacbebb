"""realserver-in and director-up: serving begins when the agent, and IPVS, say so."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import CompletedProcess
from threading import Thread
from typing import Any

import pytest

from tests.programs.conftest import Desk

LastLine = Callable[[CompletedProcess[str]], str]


@pytest.fixture
def agent() -> Iterator[tuple[int, dict[str, Any]]]:
    """This node's health agent: its port, and what it says (changed by the test)."""
    said: dict[str, Any] = {"status": 200, "words": "ok: Synced, cluster of 3", "asked": 0, "healthy_after": 0}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said["asked"] += 1
            late = said["healthy_after"] and said["asked"] > said["healthy_after"]
            self.send_response(200 if late else said["status"])
            self.end_headers()
            self.wfile.write(said["words"].encode())

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1], said
    server.shutdown()
    server.server_close()


@pytest.fixture
def realserver(desk: Desk, agent: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    desk.galera_env(port=agent[0])
    desk.write("/usr/local/lib/mariadb-ha/lvsdr.sh", f"#!/bin/sh\n[ -e {desk.root}/vip ]\n", 0o755)
    desk.fake("systemctl", f"case $1 in is-active) [ -e {desk.root}/vip ] ;; start) touch {desk.root}/vip ;; esac")
    return agent[1]


def test_real_server_comes_in_then_nothing_to_do(desk: Desk, realserver: dict[str, Any]) -> None:
    done = desk.run("realserver-in")
    assert done.returncode == 0, done.stderr
    assert "systemctl start mariadb-ha-lvsdr.service" in desk.calls
    desk.forget()
    done = desk.run("realserver-in")
    assert done.stdout == "nothing to do: ok: Synced, cluster of 3\n"
    assert not any(" start " in call for call in desk.calls)


def test_ups_own_draining_ends_another_stays(desk: Desk, realserver: dict[str, Any], last_line: LastLine) -> None:
    flag = desk.write("/var/lib/mariadb-ha/draining", "up\n")
    assert desk.run("realserver-in").returncode == 0
    assert not flag.exists()
    flag.write_text("disk is being replaced\n")
    done = desk.run("realserver-in")
    assert done.returncode == 1
    assert flag.exists()
    assert "disk is being replaced" in last_line(done)


def test_a_roll_that_was_cut_short_keeps_nobody_out(
    desk: Desk, realserver: dict[str, Any], last_line: LastLine
) -> None:
    desk.write("/proc/1/cmdline", "/sbin/init\0")
    flag = desk.write(
        "/var/lib/mariadb-ha/draining", "roll: a change of the configuration by galera-roll, boot=boot-1 pid=77\n"
    )
    done = desk.run("realserver-in")
    assert done.returncode == 0, done.stderr
    assert "galera-roll --finish" in done.stdout
    assert flag.exists(), "the change is not finished"
    desk.write("/proc/77/cmdline", "python3\0/usr/local/lib/mariadb-ha/galera-roll\0")
    assert "is draining (roll: " in last_line(desk.run("realserver-in", "--timeout", "0.3")), (
        "one at work is waited for"
    )
    assert flag.exists()


def test_waits_for_health(desk: Desk, realserver: dict[str, Any]) -> None:
    realserver.update(status=503, words="not Synced (Joined)", healthy_after=4)
    assert desk.run("realserver-in").returncode == 0
    assert realserver["asked"] > 4


def test_never_healthy_is_told(desk: Desk, realserver: dict[str, Any], last_line: LastLine) -> None:
    realserver.update(status=503, words="not Synced (Joined)")
    done = desk.run("realserver-in", "--timeout", "0.5")
    assert done.returncode == 1
    assert "not Synced (Joined)" in last_line(done)


def test_no_agent_is_told(desk: Desk, realserver: dict[str, Any], last_line: LastLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        desk.galera_env(port=free.getsockname()[1])
    assert "agent does not answer" in last_line(desk.run("realserver-in", "--timeout", "0.5"))


IPVS = """IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  AC1015BC:0CEA rr persistent 50 FFFFFFFF
  -> AC1015B6:0CEA      Route   {one}      0          0
  -> AC1015B5:0CEA      Route   {two}      0          0
"""


@pytest.fixture
def director(desk: Desk) -> Desk:
    desk.write("/etc/mariadb-ha/director.env", 'VIPS="172.16.21.188"\nPORT=3306\n')
    desk.write("/etc/keepalived/keepalived.conf", "global_defs {}\n")
    desk.write("/proc/net/ip_vs", IPVS.format(one=1, two=1))
    desk.fake("keepalived", "exit ${KEEPALIVED_CODE:-0}")
    desk.write("/usr/local/lib/mariadb-ha/ipvs-sync.sh", f"#!/bin/sh\n[ ! -e {desk.root}/not-in-sync ]\n", 0o755)
    desk.fake(
        "systemctl",
        f"case $1 in show) [ -e {desk.root}/up ] && echo ActiveState=active || echo ActiveState=inactive; echo "
        f"InvocationID=abc ;; start|reload) touch {desk.root}/up ;; esac",
    )
    desk.fake("journalctl", "echo '(VI_51) Entering BACKUP STATE (init)'; echo '(VI_51) Entering MASTER STATE'")
    return desk


def test_director_starts_then_nothing_then_reloads(director: Desk) -> None:
    done = director.run("director-up")
    assert done.returncode == 0, done.stderr
    assert "VRRP MASTER, real servers: 172.16.21.188 2" in done.stdout
    assert "systemctl start keepalived.service" in director.calls
    director.forget()
    assert director.run("director-up").stdout.startswith("nothing to do: VRRP MASTER")
    assert not any(verb in call for call in director.calls for verb in (" start ", " reload "))
    director.write("/etc/keepalived/conf.d/50.conf", "new\n")
    director.run("director-up")
    assert "systemctl reload keepalived.service" in director.calls


def test_sync_daemons_that_do_not_run_are_started_before_keepalived(director: Desk) -> None:
    director.write("/not-in-sync", "")
    assert director.run("director-up").returncode == 0
    starts = [call for call in director.calls if call.startswith(("systemctl start", "systemctl restart"))]
    assert starts == ["systemctl restart mariadb-ha-ipvs-sync.service", "systemctl start keepalived.service"]


def test_refused_configuration_starts_nothing(director: Desk, last_line: LastLine) -> None:
    done = director.run("director-up", KEEPALIVED_CODE="3")
    assert done.returncode == 1
    assert "keepalived -t refuses" in last_line(done)
    assert not any(" start " in call for call in director.calls)


@pytest.mark.parametrize(
    ("table", "healthy"), [(IPVS.format(one=0, two=0), False), (IPVS.format(one=0, two=1), True), ("", False)]
)
def test_it_directs_only_with_a_real_server_of_weight(
    director: Desk, last_line: LastLine, table: str, healthy: bool
) -> None:
    director.write("/proc/net/ip_vs", table)
    done = director.run("director-up", "--timeout", "0.5")
    assert (done.returncode == 0) is healthy
    assert healthy or "no real server is healthy for 172.16.21.188" in last_line(done)


@pytest.mark.parametrize("words", ["", "(VI_51) Entering FAULT STATE"])
def test_it_directs_only_with_a_vrrp_state(director: Desk, last_line: LastLine, words: str) -> None:
    director.fake("journalctl", f"echo '{words}'")
    done = director.run("director-up", "--timeout", "0.5")
    assert done.returncode == 1
    assert "VRRP state" in last_line(done)


def test_environment_that_is_missing(desk: Desk, last_line: LastLine) -> None:
    assert "director.env" in last_line(desk.run("director-up"))
    assert json.dumps(desk.calls) == "[]"
