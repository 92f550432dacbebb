"""A life of container hosts: real systemds on the guest image's root directory, in a lab of their own. Seconds, not minutes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab_unit.conftest import ROOT, Done, bash

NAME = "unitctr"
ADDRESSES = {"c1": "172.16.21.101", "c2": "172.16.21.102"}
STATE = ROOT / ".state/lab" / NAME
ENV = {"LAB_NAME": NAME}
PATIENCE = 120.0


@dataclass
class Hosts:
    """Two container hosts and the key that they admit."""

    key: Path

    def lab(self, words: str) -> Done:
        """A command of the lab; must succeed."""
        done = bash(words, env=ENV)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def try_ssh(self, host: str, command: str, *, patience: int = 10) -> Done:
        """A command on a host, if it answers."""
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes"
        return bash(f"timeout {patience} lab/run ssh -i {self.key} {options} -o ConnectTimeout={patience} admin@{ADDRESSES[host]} '{command}'", env=ENV)

    def ssh(self, host: str, command: str) -> str:
        """A command on a host, asked until it answers: how fast is not the question."""
        deadline = time.monotonic() + PATIENCE
        while (done := self.try_ssh(host, command)).returncode and time.monotonic() < deadline:
            time.sleep(0.2)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """The hosts, powered on."""
    key = tmp_path_factory.mktemp("key") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    made = Hosts(key)
    words = " ".join(f"{name}={address}:container:512" for name, address in ADDRESSES.items())
    try:
        made.lab(f"lab/hosts up --authorized-key '{key.with_suffix('.pub').read_text().strip()}' {words}")
        yield made
    finally:
        bash("lab/stop", env=ENV)


def left_over() -> str:
    """Whatever of the lab's container hosts is still on this machine."""
    script = """
    . lab/lib.sh; . lab/containers.sh
    pgrep -a -f "machine=(c1|c2) .*vb-|systemd-nspawn.*$LAB_ID" || true
    find "$(cgroup2_mount)" /sys/fs/cgroup/memory -maxdepth 1 -name "$LAB_ID" 2>/dev/null || true
    grep "$LAB_STATE" /proc/mounts || true
    ip netns list | grep "$LAB_ID" || true
    """
    return bash(script, env=ENV).stdout


def test_a_host_is_a_server_as_its_installer_left_it(hosts: Hosts) -> None:
    assert hosts.ssh("c1", "sudo id -u") == "0", "sudo is setuid"
    assert hosts.ssh("c1", "hostname") == "c1"
    assert ADDRESSES["c1"] in hosts.ssh("c1", "ip -4 -o addr show host0")
    assert hosts.ssh("c1", "systemctl is-system-running --wait") == "running"
    assert hosts.ssh("c1", "systemctl --failed --no-legend") == ""
    assert hosts.ssh("c1", "cat /etc/machine-id") != hosts.ssh("c2", "cat /etc/machine-id")
    assert hosts.ssh("c1", "ls /usr/local/lib /etc | grep -c mariadb-ha || true") == "0"


def test_its_key_is_its_own_and_printed(hosts: Hosts) -> None:
    printed = {name: hosts.lab(f"lab/hosts key {name}").stdout.strip() for name in ADDRESSES}
    assert printed["c1"] != printed["c2"]
    assert hosts.ssh("c1", "cut -d\\  -f1,2 /etc/ssh/ssh_host_ed25519_key.pub") == printed["c1"]


def test_the_other_is_reached_over_the_bridge(hosts: Hosts) -> None:
    assert hosts.ssh("c1", f"python3 -c \"import socket; socket.create_connection((\\\"{ADDRESSES['c2']}\\\", 22), 10); print(1)\"") == "1"


def test_a_reboot_from_inside_keeps_what_was_written(hosts: Hosts) -> None:
    boot = hosts.ssh("c1", "sudo touch /kept; cat /proc/sys/kernel/random/boot_id")
    hosts.try_ssh("c1", "sudo systemctl reboot")
    deadline = time.monotonic() + PATIENCE
    while hosts.ssh("c1", "cat /proc/sys/kernel/random/boot_id") == boot and time.monotonic() < deadline:
        time.sleep(0.2)
    assert hosts.ssh("c1", "cat /proc/sys/kernel/random/boot_id") != boot
    assert hosts.ssh("c1", "ls /kept") == "/kept"


def test_power(hosts: Hosts) -> None:
    hosts.ssh("c1", "sudo touch /before")
    hosts.lab("lab/power c1 off")
    assert "c1 172.16.21.101 shut off" in hosts.lab("lab/status").stdout
    assert hosts.try_ssh("c1", "true", patience=2).returncode != 0
    assert hosts.ssh("c2", "true") == "", "the other lives"
    hosts.lab("lab/power c1 on")
    assert hosts.ssh("c1", "ls /before") == "/before"
    boot = hosts.ssh("c1", "cat /proc/sys/kernel/random/boot_id")
    hosts.lab("lab/power c1 reset")
    assert hosts.ssh("c1", "cat /proc/sys/kernel/random/boot_id") != boot


@pytest.mark.parametrize(("tool", "out", "back"), [("cable", "down", "up"), ("freeze", "on", "off")])
def test_cable_and_freeze(hosts: Hosts, tool: str, out: str, back: str) -> None:
    """Out of reach, and then the same boot again, nothing lost."""
    boot = hosts.ssh("c1", "cat /proc/sys/kernel/random/boot_id")
    hosts.lab(f"lab/{tool} c1 {out}")
    assert hosts.try_ssh("c1", "true", patience=2).returncode != 0
    hosts.lab(f"lab/{tool} c1 {back}")
    assert hosts.ssh("c1", "cat /proc/sys/kernel/random/boot_id") == boot


def test_a_second_up_makes_nothing(hosts: Hosts) -> None:
    boot = hosts.ssh("c2", "cat /proc/sys/kernel/random/boot_id")
    key = hosts.key.with_suffix(".pub").read_text().strip()
    done = hosts.lab(f"lab/hosts up --authorized-key '{key}' c2={ADDRESSES['c2']}:512:container")
    assert "powered on" not in done.stderr
    assert hosts.ssh("c2", "cat /proc/sys/kernel/random/boot_id") == boot


def test_the_machines_clock_is_never_set_from_inside(hosts: Hosts) -> None:
    assert "-x" in hosts.ssh("c1", "sudo systemctl start chrony; tr \"\\\\0\" \" \" < /proc/$(pidof chronyd | cut -d\\  -f1)/cmdline")
    assert "cap_sys_time" not in hosts.ssh("c1", "sudo capsh --print 2>/dev/null | grep ^Bounding || grep CapBnd /proc/1/status")


def test_stop_leaves_nothing_but_the_consoles(hosts: Hosts) -> None:
    assert left_over(), "the look finds living hosts"
    hosts.lab("lab/stop")
    assert left_over() == ""
    assert (STATE / "log/console-c1.log").exists()
    assert not (STATE / "hosts").exists()
