"""Single lines of what a host's programs say (ip-address(8), ss(8), df(1)), typed.

A line of another form is passed over (None).
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Disk(NamedTuple):
    """Free space for a folder: MiB, and the mount point it lies on."""

    folder: str
    free_mib: int
    mount: str


class Address(NamedTuple):
    """An IPv4 address on an interface; `prefix` is its length in bits."""

    interface: str
    address: str
    prefix: str = "32"


class Listener(NamedTuple):
    """A TCP port that is taken, and by whom (`name`, or empty where the kernel does not tell)."""

    port: int
    name: str
    pid: str


class Process(NamedTuple):
    """A running database server or keepalived."""

    pid: str
    name: str
    container: bool
    program: str


class VipAnswer(NamedTuple):
    """Whether somebody answers for an address: by ping, or by ARP (then with a MAC address)."""

    vip: str
    answers: bool
    mac: str


def disk(line: str) -> Disk | None:
    """`/var/lib/mysql 67304440 /` (KiB)."""
    folder, _, rest = line.partition(" ")
    free, _, mount = rest.partition(" ")
    return Disk(folder, int(free) // 1024, mount) if free.isdigit() else None


def address(line: str) -> Address | None:
    """`4: eth0    inet 192.0.2.2/24 brd …`: one line of `ip -o -4 addr show`."""
    words = line.split()
    if len(words) < 4 or words[2] != "inet":
        return None
    value, _, prefix = words[3].partition("/")
    return Address(words[1].partition("@")[0], value, prefix or "32")


def listener(line: str) -> Listener | None:
    """`LISTEN 0 80 0.0.0.0:3306 0.0.0.0:* users:(("mariadbd",pid=7,fd=20))`: one line of `ss -Hltnp`."""
    words = line.split()
    port = words[3].rpartition(":")[2] if len(words) > 3 else ""
    if not port.isdigit():
        return None
    owner = re.search(r'\("([^"]*)",pid=(\d+)', line)
    return Listener(int(port), owner[1] if owner else "", owner[2] if owner else "")


def process(line: str) -> Process | None:
    """`815 mariadbd host /usr/sbin/mariadbd`."""
    words = line.split(" ", 3)
    return (
        Process(words[0], words[1], words[2] == "container", words[3] if len(words) > 3 else "")
        if len(words) > 2
        else None
    )


def vip_answer(line: str) -> VipAnswer | None:
    """`172.16.21.188 silent 172.16.21.188 dev eth0 lladdr 52:… REACHABLE`: only a fresh neighbour entry counts, an old
    one may be of a holder that is gone.
    """
    words = line.split()
    if len(words) < 2:
        return None
    mac = words[words.index("lladdr") + 1] if "lladdr" in words[:-1] else ""
    return VipAnswer(words[0], words[1] == "answers" or bool(mac and words[-1] == "REACHABLE"), mac)
