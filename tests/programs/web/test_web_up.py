"""web-up: nothing is in force before its readers have judged it, and it waits until this host is what it should be."""

from __future__ import annotations

import pytest

from tests.programs.conftest import Desk
from tests.programs.web.conftest import WebHost

SYSTEMCTL = """
state={root}/state; mkdir -p $state
case $1 in
start|reload) touch $state/$2 ;;
show) [ -e $state/$2 ] && echo ActiveState=active || echo ActiveState=inactive ;;
esac
"""


@pytest.fixture
def ready(host: WebHost) -> WebHost:
    """nginx answers, keepalived stands by."""
    host.nginx.start(host.port)
    desk = host.desk
    desk.fake("systemctl", SYSTEMCTL.format(root=desk.root))
    desk.fake("keepalived", "")
    desk.fake("nginx", "")
    desk.fake("journalctl", "echo '(VI_71) Entering BACKUP STATE'")
    desk.write("/etc/keepalived/keepalived.conf", "global_defs {}\n")
    desk.write("/etc/nginx/nginx.conf", "events {}\n")
    return host


def changes(desk: Desk) -> list[str]:
    return [call for call in desk.calls if call.startswith("systemctl ") and " show " not in call]


def test_both_are_started_and_a_second_time_there_is_nothing_to_do(ready: WebHost) -> None:
    done = ready.desk.run("web-up")
    assert done.returncode == 0, done.stderr
    assert changes(ready.desk) == ["systemctl start nginx.service", "systemctl start keepalived.service"]
    ready.desk.forget()
    done = ready.desk.run("web-up")
    assert done.stdout == "nothing to do: nginx answers, and this host stands by\n"
    assert changes(ready.desk) == []


def test_only_what_is_newer_is_reloaded(ready: WebHost) -> None:
    assert ready.desk.run("web-up").returncode == 0
    ready.desk.forget()
    ready.desk.write("/etc/nginx/mariadb-ha/web.conf", "server {}\n")
    assert ready.desk.run("web-up").returncode == 0
    assert changes(ready.desk) == ["systemctl reload nginx.service"]


@pytest.mark.parametrize("judge", ["nginx", "keepalived"])
def test_a_refused_configuration_starts_nothing(ready: WebHost, judge: str) -> None:
    ready.desk.fake(judge, "echo 'unknown directive' >&2; exit 1")
    done = ready.desk.run("web-up")
    assert done.returncode == 1
    assert "unknown directive" in done.stderr
    assert changes(ready.desk) == []


def test_a_host_in_fault_is_said(ready: WebHost) -> None:
    ready.desk.fake("journalctl", "echo '(VI_71) Entering FAULT STATE'")
    done = ready.desk.run("web-up", "--timeout", "0.2")
    assert done.returncode == 1
    assert "VRRP state FAULT" in done.stderr


def test_the_preferred_host_waits_until_it_has_the_vip(ready: WebHost) -> None:
    ready.settings(TAKES_BACK="yes")
    done = ready.desk.run("web-up", "--timeout", "0.2")
    assert done.returncode == 1
    assert "it has not taken the VIP yet" in done.stderr
