"""With fencing the other host serves only once the Primary is without power: at no time are two hosts Primary, and
what was acknowledged is there.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab.fenced.hypervisor import power
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack

pytestmark = pytest.mark.matrix

HOSTS = ("nod1", "nod2")
MOUNT = "/srv/drbd"
PATIENCE = 900.0
#: Numbers, one after the other: on the device, and once it is there on the host's own disk.
WRITER = """for number in $(seq 1000000); do
    echo $number >>/srv/drbd/numbers && sync /srv/drbd/numbers || exit
    echo $number >>/var/tmp/acknowledged && sync /var/tmp/acknowledged
done
"""


def role(stack: Stack, host: str) -> str:
    """The device's role on a host; empty where the host does not answer."""
    try:
        done = stack.ssh(host, "sudo drbdadm role drbd", timeout=60)
    except subprocess.TimeoutExpired:  # its power went while it was asked
        return ""
    return done.out.split("/")[0].strip().split()[-1] if done.code == 0 and done.out.strip() else ""


def serving(stack: Stack) -> list[str]:
    """Hosts that have the device mounted."""
    return [host for host in HOSTS if stack.ssh(host, f"mountpoint -q {MOUNT}", timeout=60).code == 0]


def other(host: str) -> str:
    return next(each for each in HOSTS if each != host)


def within(stack: Stack, host: str) -> float:
    """Seconds until a host has the device mounted."""
    began = time.monotonic()
    while stack.ssh(host, f"mountpoint -q {MOUNT}", timeout=60).code != 0:
        assert time.monotonic() - began < PATIENCE, stack.hactl("status").out
        time.sleep(0.2)
    return time.monotonic() - began


@contextmanager
def watched(stack: Stack) -> Iterator[list[tuple[str, ...]]]:
    """Asks both hosts again and again which of them is Primary."""
    seen: list[tuple[str, ...]] = []
    done = threading.Event()

    def primary(host: str) -> bool:
        return role(stack, host) == "Primary"

    def watch() -> None:
        one, two = HOSTS
        while not done.is_set():
            # the first one is asked again: the role may have gone from it to the second in between
            both = primary(one) and primary(two) and primary(one)
            seen.append(HOSTS if both else ())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


@contextmanager
def numbers(stack: Stack, host: str) -> Iterator[None]:
    """Written on the Primary until it has no power."""
    begin = "sudo rm -f /var/tmp/acknowledged; sudo tee /var/tmp/writer >/dev/null"
    began = stack.ssh(
        host, f"{begin} && sudo systemd-run --quiet --collect --unit=numbers bash /var/tmp/writer", stdin=WRITER
    )
    assert began.code == 0, began.out
    deadline = time.monotonic() + PATIENCE
    while stack.ssh(host, "test $(wc -l </var/tmp/acknowledged) -gt 20").code != 0:
        assert time.monotonic() < deadline, "nothing is written"
        time.sleep(1)
    yield
    last = int(stack.ssh(host, "sudo tail -n 1 /var/tmp/acknowledged").out.split()[-1])
    [serves] = serving(stack)
    there = stack.ssh(serves, f"sudo cat {MOUNT}/numbers; sudo rm {MOUNT}/numbers").out.split()
    assert there[:last] == [str(number) for number in range(1, last + 1)], f"{last} were acknowledged"


def promoted_in_order(stack: Stack, host: str, *, since: str) -> None:
    """The promoter's own words, in one host's own time: nothing of the device is touched before the power is off."""
    said = stack.ssh(host, f"sudo journalctl -b -u mariadb-ha-promoter -o cat --no-pager --since=@{since}").out
    words = ("fence: the other host does not answer", "take: the other host is powered off", "is Primary", "is mounted")
    found = [said.rfind(word) for word in words]
    assert -1 not in found and found == sorted(found), said


def now(stack: Stack, host: str) -> str:
    return stack.ssh(host, "date +%s").out.strip()


def comes_back(stack: Stack) -> None:
    """Whoever is off is switched on, as a person would, until one serves and the other has what was written meanwhile.

    On a busy machine an emulated guest stands still for longer than `peer_timeout`, and is powered off for it: which of
    the two serves at the end is not asked.
    """
    deadline = time.monotonic() + PATIENCE
    while stack.hactl("status").code != 0:
        for host in HOSTS:
            if power(stack, host) == "shut off":
                assert stack.run("lab/power", host, "on").code == 0
        assert time.monotonic() < deadline, stack.hactl("status").out
        time.sleep(3)
    [serves] = serving(stack)
    assert (role(stack, serves), role(stack, other(serves))) == ("Primary", "Secondary")


def test_it_stands_as_it_was_asked_for(stack: Stack, measure: Measure) -> None:
    measure("drbd, fenced: make up on two VMs", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    assert serving(stack) == ["nod1"]
    assert "xfs" in stack.ssh("nod1", f"findmnt -n -o FSTYPE {MOUNT}").out
    assert stack.ssh("nod1", "systemctl is-active mariadb").code != 0
    found = stack.status()
    assert found["healthy"] is True, found
    refused = "sudo ssh -i /etc/mariadb-ha/fencing.key -o UserKnownHostsFile=/etc/mariadb-ha/fencing.known_hosts"
    done = stack.ssh("nod1", f"{refused} -p 2222 root@172.16.21.1 status drbd-fenced-nod2")
    assert done.code == 2 and "can be asked for" in done.out, done.out


def test_the_primary_loses_power(stack: Stack, measure: Measure) -> None:
    [primary] = serving(stack)
    since = now(stack, other(primary))
    with numbers(stack, primary):
        with watched(stack) as seen:
            assert stack.run("lab/power", primary, "off").code == 0
            took = within(stack, other(primary))
            measure("drbd, fenced: power cut of the Primary, until the other one has it mounted", f"{took:.1f} s")
            promoted_in_order(stack, other(primary), since=since)
            comes_back(stack)
        assert not any(seen), "both were Primary"


def test_a_primary_that_is_not_heard_is_powered_off(stack: Stack, measure: Measure) -> None:
    """It runs, and has the device mounted: its cable is out. DRBD holds its writes back until its power is gone."""
    [primary] = serving(stack)
    since = now(stack, other(primary))
    with numbers(stack, primary):
        assert stack.run("lab/cable", primary, "down").code == 0
        try:
            took = within(stack, other(primary))
        finally:
            assert stack.run("lab/cable", primary, "up").code == 0
        measure("drbd, fenced: cable of the Primary pulled, until the other one has it mounted", f"{took:.1f} s")
        assert power(stack, primary) == "shut off"
        promoted_in_order(stack, other(primary), since=since)
        comes_back(stack)
