"""lvsdr.sh in a network namespace of its own: addresses, kernel settings, exit codes."""

from __future__ import annotations

import subprocess

import pytest

from tests.programs.conftest import PROGRAMS, Desk

SCRIPT = str(PROGRAMS / "lvsdr.sh")
KEYS = "for i in lo all; do for k in arp_ignore arp_announce; do cat /proc/sys/net/ipv4/conf/$i/$k; done; done"


def inside(desk: Desk, script: str, vips: str = "172.16.21.188 172.16.21.189") -> list[str]:
    """Run shell lines in a fresh namespace with lo up; their output."""
    desk.write("/etc/mariadb-ha/realserver.env", f'VIPS="{vips}"\n')
    whole = f"set -u; ip link set lo up; L={SCRIPT}; E={desk.path('/etc/mariadb-ha/realserver.env')}\n{script}"
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", whole], capture_output=True, text=True, env=desk.env, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def on_lo(lines: list[str]) -> list[str]:
    """Addresses out of `ip -o -4 addr show dev lo`."""
    return [words[3] for words in (line.split() for line in lines) if len(words) > 3 and words[2] == "inet"]


def test_start_status_stop(desk: Desk) -> None:
    out = inside(desk, f"$L status; echo $?; $L start; $L status; echo $?; {KEYS}; $L stop; $L status; echo $?; {KEYS}")
    codes = [line for line in out if line.isdigit()]
    assert codes == ["3", "0", "1", "2", "1", "2", "3", "0", "0", "0", "0"]
    assert "running" in out
    assert out.count("stopped") == 2


def test_the_vips_come_to_lo_and_leave_it(desk: Desk) -> None:
    show = "ip -o -4 addr show dev lo"
    out = inside(desk, f"{show}; echo started; $L start >/dev/null; {show}; echo stopped; $L stop >/dev/null; {show}")
    started, stopped = out.index("started"), out.index("stopped")
    vips = ["172.16.21.188/32", "172.16.21.189/32"]
    assert on_lo(out[:started]) == ["127.0.0.1/8"]
    assert sorted(on_lo(out[started:stopped])) == ["127.0.0.1/8", *vips]
    assert on_lo(out[stopped:]) == ["127.0.0.1/8"]


def test_silent_before_the_address_appears(desk: Desk) -> None:
    out = inside(desk, "$L start")
    assert [("arp_" in line, "/32 on lo" in line) for line in out] == [(True, False)] * 4 + [(False, True)] * 2
    out = inside(desk, "$L start >/dev/null; $L stop")
    assert "removed from lo" in out[0]
    assert "arp_" in out[-1]


def test_second_start_and_stop_have_nothing_to_do(desk: Desk) -> None:
    out = inside(desk, "$L start >/dev/null; $L start; $L stop >/dev/null; $L stop")
    assert [line.split(": ")[1] for line in out] == ["nothing to do", "nothing to do"]


def test_values_found_come_back_after_two_starts(desk: Desk) -> None:
    key = "/proc/sys/net/ipv4/conf/lo/arp_ignore"
    out = inside(desk, f"echo 2 >{key}; $L start >/dev/null; $L start >/dev/null; $L stop >/dev/null; cat {key}")
    assert out == ["2"]


def test_partly_running_is_1(desk: Desk) -> None:
    out = inside(desk, "$L start >/dev/null; ip addr del 172.16.21.189/32 dev lo; $L status; echo $?")
    assert out[-2:] == ["partly running", "1"]
    out = inside(desk, "$L start >/dev/null; echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore; $L status; echo $?")
    assert out[-1] == "1"
    assert any("answers ARP" in line for line in out)


def test_a_vip_that_left_the_settings_is_removed(desk: Desk) -> None:
    out = inside(desk, "$L start >/dev/null; echo 'VIPS=172.16.21.188' >$E; $L start; ip -o -4 addr show dev lo")
    assert "172.16.21.189/32 removed" in out[0]
    assert on_lo(out) == ["127.0.0.1/8", "172.16.21.188/32"]


def test_the_vip_is_never_a_source_address(desk: Desk) -> None:
    out = inside(desk, "$L start >/dev/null; ip -o -4 addr show dev lo")
    assert len(on_lo(out)) == 3
    assert all("scope host" in line for line in out)


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["restart"], 2), (["start", "now"], 2)])
def test_usage(desk: Desk, arguments: list[str], code: int) -> None:
    desk.write("/etc/mariadb-ha/realserver.env", "VIPS=172.16.21.188\n")
    done = desk.run("lvsdr.sh", *arguments)
    assert done.returncode == code
    assert "usage: lvsdr.sh start|stop|status" in done.stderr


def test_without_environment_it_says_what_to_do(desk: Desk) -> None:
    done = desk.run("lvsdr.sh", "start")
    assert done.returncode == 1
    assert "realserver.env" in done.stderr
    assert "To do:" in done.stderr
