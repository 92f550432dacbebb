"""A life of container hosts: real systemds on the guest image's root directory, in a lab of their own.

Seconds, not minutes.
"""

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
WORDS = {"c1": "container:512", "c2": "container:512:data=300M"}
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

    def up(self, *names: str) -> Done:
        """`lab/hosts up` of these."""
        words = " ".join(f"{name}={ADDRESSES[name]}:{WORDS[name]}" for name in names)
        return self.lab(f"lab/hosts up --authorized-key '{self.key.with_suffix('.pub').read_text().strip()}' {words}")

    def try_ssh(self, host: str, command: str, *, patience: int = 10) -> Done:
        """A command on a host, if it answers."""
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes"
        return bash(
            f"timeout {patience} lab/run ssh -i {self.key} {options} -o ConnectTimeout={patience} "
            f"admin@{ADDRESSES[host]} '{command}'",
            env=ENV,
        )

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
    try:
        made.up(*ADDRESSES)
        yield made
    finally:
        bash("lab/stop", env=ENV)


def left_over() -> str:
    """Whatever of the lab's container hosts is still on this machine."""
    script = """
    . lab/lib.sh; . lab/containers.sh
    pgrep -a -f "machine=(c1|c2) .*vb-|systemd-nspawn.*$LAB_ID" || true
    find "$(cgroup2_mount)" /sys/fs/cgroup/memory -maxdepth 1 -name "$LAB_ID" 2>/dev/null || true
    grep -e "$LAB_STATE" -e "$LAB_RUN/" /proc/mounts || true
    losetup --list --noheadings --output BACK-FILE | grep "$LAB_STATE" || true
    ip netns list | grep "$LAB_ID" || true
    """
    return bash(script, env=ENV).stdout


def memory_limit(host: str) -> int:
    """Bytes that all processes of a host may take together, as the kernel keeps it: version 1's controller or cgroup2's
    own.
    """
    script = f"""
    set -e; . lab/lib.sh; . lab/containers.sh
    memory=$(memory_mount)
    if [ -z "$memory" ]; then exec cat "$(container_cgroup {host})/memory.max"; fi
    grep -q . "$memory/$LAB_ID/{host}/cgroup.procs"
    cat "$memory/$LAB_ID/{host}/memory.limit_in_bytes"
    """
    done = bash(script, env=ENV)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_host_has_the_memory_that_it_was_given(hosts: Hosts) -> None:
    assert hosts.ssh("c1", "true") == ""
    assert memory_limit("c1") == 512 << 20


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
    assert (
        hosts.ssh(
            "c1", f'python3 -c "import socket; socket.create_connection((\\"{ADDRESSES["c2"]}\\", 22), 10); print(1)"'
        )
        == "1"
    )


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


def test_the_way_between_two_hosts_is_cut_and_nothing_else(hosts: Hosts) -> None:
    """Each is still reached from the machine, and reaches it."""
    reach = 'timeout 5 bash -c ": </dev/tcp/{}/22" 2>/dev/null; echo $?'
    assert hosts.ssh("c1", reach.format(ADDRESSES["c2"])) == "0"
    hosts.lab("lab/cable c1 c2 cut")
    hosts.lab("lab/cable c1 c2 cut")
    assert hosts.ssh("c1", reach.format(ADDRESSES["c2"])) != "0"
    for host in ADDRESSES:
        assert hosts.ssh(host, "hostname") == host, "the machine reaches both"
    hosts.lab("lab/cable c2 c1 mend")
    assert hosts.ssh("c1", reach.format(ADDRESSES["c2"])) == "0"


def test_a_second_up_makes_nothing(hosts: Hosts) -> None:
    boot = hosts.ssh("c2", "cat /proc/sys/kernel/random/boot_id")
    assert "powered on" not in hosts.up("c2").stderr
    assert hosts.ssh("c2", "cat /proc/sys/kernel/random/boot_id") == boot


def test_a_host_that_lost_its_power_while_it_stood_still_starts(hosts: Hosts) -> None:
    hosts.lab("lab/freeze c1 on")
    assert "c1 172.16.21.101 frozen" in hosts.lab("lab/status").stdout
    hosts.lab("lab/power c1 off")
    hosts.lab("lab/power c1 on")
    assert hosts.ssh("c1", "echo lives") == "lives"


def test_a_power_cut_leaves_no_cable_behind_although_connections_try_to_end(hosts: Hosts) -> None:
    """Data that nobody takes keeps a dead host's network namespace alive, and its end of the cable with it: the next
    start would fail.
    """
    hosts.ssh("c1", "sudo systemd-run --quiet socat -u OPEN:/dev/zero TCP:172.16.21.102:22,ignoreeof")
    hosts.lab("lab/power c2 off")
    hosts.lab("lab/power c1 off")
    assert "vb-c1" not in hosts.lab("lab/run ip -brief link").stdout
    hosts.lab("lab/power c1 on; lab/power c2 on")
    assert hosts.ssh("c1", "hostname") == "c1"
    hosts.ssh("c2", "true")


def test_power_is_switched_inside_the_labs_network_too(hosts: Hosts) -> None:
    """`hactl` runs there (lab/run), where /sys is another one; its drills cut power."""
    hosts.lab("lab/run lab/power c1 off")
    assert "c1 172.16.21.101 shut off" in hosts.lab("lab/run lab/status").stdout
    assert "c1 172.16.21.101 shut off" in hosts.lab("lab/status").stdout
    assert hosts.try_ssh("c1", "true", patience=2).returncode != 0
    hosts.lab("lab/run lab/power c1 on")
    assert hosts.ssh("c1", "echo lives") == "lives"
    assert "c1 172.16.21.101 running" in hosts.lab("lab/status").stdout
    assert memory_limit("c1") == 512 << 20


def test_what_a_host_says_at_its_console_is_kept(hosts: Hosts) -> None:
    deadline = time.monotonic() + PATIENCE
    while "c2 login:" not in (text := (STATE / "hosts/c2/console.log").read_text()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "OpenBSD Secure Shell server" in text
    assert "c2 login:" in text


def test_a_data_volume_has_a_size_of_its_own_and_can_be_full(hosts: Hosts) -> None:
    """It begins with what the packages left at its place, and what is written there is kept."""
    assert int(hosts.ssh("c2", "df --output=size --block-size=1M /var/lib/mysql | tail -n 1")) < 300
    assert (
        hosts.ssh("c2", "stat -c %U /var/lib/mysql; sudo ls /var/lib/mysql/ibdata1") == "mysql\n/var/lib/mysql/ibdata1"
    )
    assert hosts.ssh("c2", "sudo ls /var/lib/mysql | grep -c lost+found || true") == "0"
    full = hosts.try_ssh("c2", "sudo dd if=/dev/zero of=/var/lib/mysql/fill bs=1M count=400", patience=60)
    assert "No space left on device" in full.stderr
    hosts.ssh("c2", "sudo rm /var/lib/mysql/fill; sudo touch /var/lib/mysql/kept; touch /home/admin/elsewhere; sync")
    hosts.lab("lab/power c2 reset")
    assert hosts.ssh("c2", "sudo ls /var/lib/mysql/kept") == "/var/lib/mysql/kept"


def test_a_host_that_ends_at_its_start_is_not_waited_for(hosts: Hosts) -> None:
    key = hosts.key.with_suffix(".pub").read_text().strip()
    hosts.lab("lab/power c1 off")
    init = STATE / "hosts/c1/upper/usr/lib/systemd/systemd"
    init.parent.mkdir(parents=True, exist_ok=True)
    init.write_text("no program\n")
    try:
        done = bash(f"timeout 300 lab/hosts up --authorized-key '{key}' c1={ADDRESSES['c1']}:{WORDS['c1']}", env=ENV)
    finally:
        init.unlink()
    assert done.returncode == 1, done.stderr
    assert "container host c1 has ended; its last words" in done.stderr
    hosts.up("c1")
    assert hosts.ssh("c1", "echo lives") == "lives"


def test_the_machines_clock_is_never_set_from_inside(hosts: Hosts) -> None:
    assert "-x" in hosts.ssh(
        "c1", 'sudo systemctl start chrony; tr "\\\\0" " " < /proc/$(pidof chronyd | cut -d\\  -f1)/cmdline'
    )
    assert "cap_sys_time" not in hosts.ssh(
        "c1", "sudo capsh --print 2>/dev/null | grep ^Bounding || grep CapBnd /proc/1/status"
    )


def test_stop_leaves_nothing_but_the_consoles(hosts: Hosts) -> None:
    assert left_over(), "the look finds living hosts"
    hosts.lab("lab/stop")
    assert left_over() == ""
    assert (STATE / "log/console-c1.log").exists()
    assert not (STATE / "hosts").exists()
