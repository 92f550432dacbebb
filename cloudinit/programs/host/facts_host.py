"""Facts that every host has: addresses, of the hardware too, chrony's word, its volumes, and whether somebody took it
out of service. Part of host-facts.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

UNITS: Sequence[str] = ()
ROOT = os.environ.get("MHA_ROOT", "")
DRAINING = "/var/lib/mariadb-ha/draining"
SIOCGIFCONF, ROOM, ENTRY = 0x8912, 65536, 40


def commands() -> dict[str, Sequence[str]]:
    return {"chrony": ["chronyc", "-n", "-c", "tracking"]}


def ipv4() -> list[tuple[str, str]]:
    """(interface, address), asked from the kernel (netdevice(7), SIOCGIFCONF): no process is started."""
    buffer = array.array("B", bytes(ROOM))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        used = struct.unpack("iL", fcntl.ioctl(sock, SIOCGIFCONF, struct.pack("iL", ROOM, buffer.buffer_info()[0])))[0]
    data = buffer.tobytes()[:used]
    entries = [data[start : start + ENTRY] for start in range(0, used, ENTRY)]
    # An address with a label (eth0:0) is the interface's all the same.
    return [(entry[:16].split(b"\0", 1)[0].decode().split(":")[0], socket.inet_ntoa(entry[20:24])) for entry in entries]


def ipv6() -> list[tuple[str, str]]:
    """The same from /proc/net/if_inet6 (32 hexadecimal digits first, the interface last)."""
    try:
        lines = Path(f"{ROOT}/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        return []
    return [(line.split()[5], socket.inet_ntop(socket.AF_INET6, bytes.fromhex(line.split()[0]))) for line in lines]


def addresses() -> dict[str, list[str]]:
    """Addresses by interface."""
    found: dict[str, list[str]] = {}
    for interface, address in [*ipv4(), *ipv6()]:
        found.setdefault(interface, []).append(address)
    return found


def hardware() -> list[str]:
    """MAC addresses of all interfaces, by which others know this host on a link."""
    found = set()
    for file in Path(f"{ROOT}/sys/class/net").glob("*/address"):
        try:
            found.add(file.read_text().strip().lower())
        except OSError:  # the interface has gone
            continue
    return sorted(found - {"", "00:00:00:00:00:00"})


def volumes() -> dict[str, dict[str, int]]:
    """MiB in all and MiB left, by mount point, of every disk's file system that is mounted for writing (statvfs(3):
    what is left for others than root).
    """
    found: dict[str, dict[str, int]] = {}
    for line in Path(f"{ROOT}/proc/self/mounts").read_text().splitlines():
        device, point, kind, options = line.split()[:4]
        if not device.startswith("/dev/") or kind == "squashfs" or "ro" in options.split(","):
            continue
        try:
            seen = os.statvfs(ROOT + point)
        except OSError:
            continue
        unit = seen.f_frsize / 1024**2
        found.setdefault(point, {"size_mib": int(seen.f_blocks * unit), "free_mib": int(seen.f_bavail * unit)})
    return found


def draining() -> str | None:
    """The reason for which the host was taken out of service; None when it was not."""
    try:
        return Path(ROOT + DRAINING).read_text(errors="replace").strip()
    except FileNotFoundError:
        return None


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    return {
        "addresses": addresses(),
        "hardware": hardware(),
        "draining": draining(),
        "chrony": said("chrony")[1].strip(),
        "volumes": volumes(),
    }
