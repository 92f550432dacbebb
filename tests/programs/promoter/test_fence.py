"""The ready fencing agents: they end with 0 only once the other host is known to be without power."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs.conftest import Desk

SCRIPT = Path(__file__).resolve().parents[3] / "examples" / "fencing" / "mariadb-ha-fence"
Last = Callable[[subprocess.CompletedProcess[str]], str]


def settings(desk: Desk, **how: object) -> None:
    desk.write("/etc/mariadb-ha/fencing.json", json.dumps({"peer": "db2", **how}), 0o600)


def ipmi(desk: Desk) -> None:
    settings(desk, agent="ipmi", address="10.0.9.2", user="fence", password="geheim", cipher_suite=17)


def libvirt(desk: Desk) -> None:
    settings(desk, agent="libvirt", host="10.0.0.2", port=22, user="fencer", domain="prod-db2")


def test_ipmi_waits_until_the_power_is_off(desk: Desk) -> None:
    ipmi(desk)
    desk.fake(
        "ipmitool",
        'case "$*" in *status) [ -e "$0.off" ] && echo "Chassis Power is off" || echo "Chassis Power is on"'
        ' ;; *"power off") touch "$0.off"; [ "$IPMI_PASSWORD" = geheim ] ;; esac',
    )
    done = desk.run("fence", "off", "db2")
    assert done.returncode == 0, done.stderr
    assert [call.split()[-1] for call in desk.calls] == ["status", "off", "status"]
    assert "geheim" not in " ".join(desk.calls), "no password in a command line"


def test_an_agent_that_gets_less_asks_for_less_long(desk: Desk, last_line: Last) -> None:
    """It ends with its own words before the promoter ends it."""
    settings(desk, agent="libvirt", host="10.0.0.2", port=22, user="fencer", domain="prod-db2", timeout=0.4)
    desk.fake("ssh", "sleep 20")
    done = desk.run("fence", "off", "db2")
    assert done.returncode == 1
    assert "did not power prod-db2 off" in last_line(done)


def test_ipmi_does_nothing_to_a_host_that_is_off(desk: Desk) -> None:
    ipmi(desk)
    desk.fake("ipmitool", 'echo "Chassis Power is off"')
    assert desk.run("fence", "off", "db2").returncode == 0
    assert len(desk.calls) == 1


def test_ipmi_gives_the_power_back(desk: Desk) -> None:
    ipmi(desk)
    desk.fake(
        "ipmitool",
        'case "$*" in *status) [ -e "$0.on" ] && echo "Chassis Power is on" || echo "Chassis Power is off"'
        ' ;; *"power on") touch "$0.on" ;; esac',
    )
    assert desk.run("fence", "on", "db2").returncode == 0
    assert desk.run("fence", "status", "db2").returncode == 0
    assert [call.split()[-1] for call in desk.calls] == ["status", "on", "status", "status"]


def test_another_agent_gives_no_power_back(desk: Desk, last_line: Last) -> None:
    libvirt(desk)
    desk.fake("ssh", "exit 0")
    done = desk.run("fence", "on", "db2")
    assert done.returncode == 1
    assert "can only power db2 off" in last_line(done)
    assert desk.calls == []


def test_a_hypervisor_that_refuses_is_a_failure(desk: Desk, last_line: Last) -> None:
    libvirt(desk)
    desk.fake("ssh", 'echo "domain is none of those" >&2; exit 2')
    done = desk.run("fence", "off", "db2")
    assert done.returncode == 1
    assert "did not power prod-db2 off: domain is none of those" in last_line(done)


def test_a_hypervisor_is_asked_for_one_thing(desk: Desk) -> None:
    libvirt(desk)
    desk.fake("ssh", "exit 0")
    assert desk.run("fence", "off", "db2").returncode == 0
    assert desk.calls[0].endswith("fencer@10.0.0.2 off prod-db2")
    assert "StrictHostKeyChecking=yes" in desk.calls[0]


def test_nobody_but_the_other_host(desk: Desk, last_line: Last) -> None:
    libvirt(desk)
    desk.fake("ssh", "exit 0")
    done = desk.run("fence", "off", "db1")
    assert done.returncode == 1
    assert "db1 is not the other host" in last_line(done)
    assert desk.calls == []


def test_without_settings_it_fails_in_words(desk: Desk, last_line: Last) -> None:
    done = desk.run("fence", "off", "db2")
    assert done.returncode == 1
    assert "names no agent" in last_line(done)


VIRSH = """case "$*" in *domstate*) cat "$0.state" ;; *destroy*) echo "shut off" >"$0.state" ;; esac"""


def forced(desk: Desk, asked: str) -> subprocess.CompletedProcess[str]:
    """The forced command, as sshd runs it for a key that may power two domains off."""
    desk.fake("virsh", VIRSH)
    desk.fake("logger", "exit 0")
    (desk.bin / "virsh.state").write_text("running\n")
    env = {**os.environ, **desk.env, "SSH_ORIGINAL_COMMAND": asked}
    return subprocess.run([SCRIPT, "prod-db1", "prod-db2"], env=env, capture_output=True, text=True, check=False)


def test_the_forced_command_powers_a_domain_off(desk: Desk) -> None:
    done = forced(desk, "off prod-db2")
    assert done.returncode == 0, done.stderr
    assert any("destroy prod-db2" in call for call in desk.calls)


@pytest.mark.parametrize(
    "asked", ["", "off", "off prod-dc1", "destroy prod-db2", "off prod-db2; reboot", "off *", "sh"]
)
def test_the_forced_command_does_nothing_else(desk: Desk, asked: str) -> None:
    done = forced(desk, asked)
    assert done.returncode == 2
    assert not [call for call in desk.calls if "destroy" in call]
