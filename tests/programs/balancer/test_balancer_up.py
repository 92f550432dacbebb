"""balancer-up: haproxy is reloaded, never restarted, while it runs with our files; it waits for somebody to balance."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.programs.conftest import Desk

STAT = "# pxname,svname,status,check_status,\nwriter,writer,no check,,\nreplicas,r1,UP,L7OK,\n"
NOBODY = "# pxname,svname,status,check_status,\nwriter,writer,no check,,\nreplicas,r1,DOWN,L7STS,\n"


@contextmanager
def haproxy(desk: Desk, *answers: str) -> Iterator[None]:
    """A socket that gives these answers in turn, the last one for good."""
    path = desk.path("/run/haproxy/admin.sock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        left = list(answers)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)
                    connection.sendall((left.pop(0) if len(left) > 1 else left[0]).encode())

        threading.Thread(target=serve, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def balancer(desk: Desk) -> Desk:
    """A balancer whose haproxy and keepalived run with our files."""
    desk.write("/etc/mariadb-ha/balancer.env", 'VIPS="172.16.21.55"\nSOCKET="/run/haproxy/admin.sock"\n')
    desk.write("/etc/haproxy/haproxy.cfg", "global\n")
    desk.write("/etc/haproxy/mariadb-ha-users.cfg", "userlist stats\n")
    desk.write("/etc/keepalived/keepalived.conf", "global_defs {}\n")
    desk.write("/proc/77/cmdline", "haproxy\0-Ws\0-f\0/etc/haproxy/mariadb-ha-users.cfg\0")
    desk.fake("keepalived", "true")
    desk.fake("journalctl", "echo 'Entering BACKUP STATE'")
    desk.fake("systemctl", 'case "$*" in *MainPID*) echo 77 ;; show*) echo ActiveState=active ;; esac')
    return desk


def did(desk: Desk) -> list[str]:
    """What was done to haproxy."""
    return [call for call in desk.calls if call.startswith("systemctl re") and "haproxy" in call]


def test_a_change_reloads_and_a_second_run_does_nothing(balancer: Desk) -> None:
    with haproxy(balancer, STAT):
        first = balancer.run("balancer-up", "--timeout", "5")
        assert first.returncode == 0, first.stderr
        assert did(balancer) == ["systemctl reload haproxy.service"]
        balancer.forget()
        again = balancer.run("balancer-up", "--timeout", "5")
        assert "nothing to do: balances, VRRP BACKUP" in again.stdout
        assert did(balancer) == []
        balancer.write("/etc/haproxy/haproxy.cfg", "global\n# changed\n")
        assert balancer.run("balancer-up", "--timeout", "5").returncode == 0
        assert did(balancer) == ["systemctl reload haproxy.service"]


def test_one_that_debian_started_is_restarted_with_our_files(balancer: Desk) -> None:
    balancer.write("/proc/77/cmdline", "haproxy\0-Ws\0")
    with haproxy(balancer, STAT):
        assert balancer.run("balancer-up", "--timeout", "5").returncode == 0
    assert did(balancer) == ["systemctl restart haproxy.service"]


def test_it_waits_until_somebody_is_fit(balancer: Desk) -> None:
    with haproxy(balancer, NOBODY, NOBODY, STAT):
        assert balancer.run("balancer-up", "--timeout", "5").returncode == 0


def test_nobody_fit_is_named(balancer: Desk) -> None:
    with haproxy(balancer, NOBODY):
        done = balancer.run("balancer-up", "--timeout", "0.3")
    assert done.returncode == 1
    assert "nobody is fit in replicas: r1 DOWN (L7STS)" in done.stderr
