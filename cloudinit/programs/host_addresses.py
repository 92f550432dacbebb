"""This host's addresses, asked from the kernel: no process is started."""

from __future__ import annotations

import array
import fcntl
import socket
import struct

from mha_common import at

SIOCGIFCONF = 0x8912


def addresses() -> list[tuple[str, str]]:
    """(interface, IPv4 address) of this host (netdevice(7), SIOCGIFCONF)."""
    room = 16384
    buffer = array.array("B", bytes(room))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        used = struct.unpack("iL", fcntl.ioctl(sock, SIOCGIFCONF, struct.pack("iL", room, buffer.buffer_info()[0])))[0]
    data = buffer.tobytes()[:used]
    found = []
    for start in range(0, used, 40):
        name = data[start : start + 16].split(b"\0", 1)[0].decode()
        found.append((name.split(":")[0], socket.inet_ntoa(data[start + 20 : start + 24])))
    return found


def addresses6() -> list[tuple[str, str]]:
    """(interface, IPv6 address) of this host (proc(5), if_inet6); none where the kernel has no IPv6."""
    try:
        lines = at("/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [(one[5], socket.inet_ntop(socket.AF_INET6, bytes.fromhex(one[0]))) for one in words if len(one) == 6]
