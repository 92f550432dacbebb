"""Whether this Galera node may take clients: its VIPs, and the verdict in words. Who looks and when is in health_look.py, HTTP in health-agent."""

from __future__ import annotations

import array
import fcntl
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mha_common import at, read_env

SYNCED, DONOR = 4, 2
#: HTTP status of the verdict: takes clients; keeps the sessions it has, wants no new ones; send nothing.
SERVE, KEEP, REFUSE = 200, 404, 503
SIOCGIFCONF = 0x8912
REALSERVER = "/etc/mariadb-ha/realserver.env"


def addresses() -> list[tuple[str, str]]:
    """(interface, IPv4 address) of this host, asked from the kernel (netdevice(7), SIOCGIFCONF): no process is started."""
    room = 16384
    buffer = array.array("B", bytes(room))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        used = struct.unpack("iL", fcntl.ioctl(sock, SIOCGIFCONF, struct.pack("iL", room, buffer.buffer_info()[0])))[0]
    data = buffer.tobytes()[:used]
    rows = [data[start : start + 40] for start in range(0, used, 40)]
    return [(row[:16].split(b"\0", 1)[0].decode().split(":")[0], socket.inet_ntoa(row[20:24])) for row in rows]


def mark(file: Path) -> tuple[int, int] | None:
    """Tells whether a file has changed since, for the price of one stat: its inode and time; None while there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def vips() -> list[str]:
    """The VIPs that a real server holds; none on a node that is not one."""
    if not at(REALSERVER).exists():
        return []
    return read_env(REALSERVER).get("VIPS", "").split()


def missing_vips(wanted: Sequence[str]) -> list[str]:
    """Those that are not on lo."""
    here = {address for interface, address in addresses() if interface == "lo"} if wanted else set()
    return [vip for vip in wanted if vip not in here]


def verdict(state: Mapping[str, Any], better_peers: Callable[[], list[str]]) -> tuple[int, str]:
    """May the node take clients? SERVE, KEEP or REFUSE, and the reason in words. `better_peers` is asked only when this node is a donor."""
    if state["draining"]:
        return KEEP, f"draining: {state.get('draining_reason') or 'no reason given'}"
    if not state["running"]:
        return REFUSE, f"MariaDB does not answer: {state.get('error') or 'not running'}"
    if state["cluster_status"] != "Primary":
        return REFUSE, f"not in the Primary component (cluster_status {state['cluster_status']})"
    if not state["wsrep_ready"]:
        return REFUSE, "wsrep_ready is OFF"
    if state["read_only"]:
        return REFUSE, "read_only is ON"
    if state["reject_queries"] != "NONE":
        return REFUSE, f"wsrep_reject_queries is {state['reject_queries']}"
    if state["missing_vips"]:
        return REFUSE, f"{', '.join(state['missing_vips'])} is not on lo: start mariadb-ha-lvsdr"
    if state["local_state"] == DONOR:
        better = better_peers()
        if better:
            return KEEP, f"donor or desynced, {', '.join(better)} is Synced"
        return SERVE, "ok: donor or desynced, but no other node would take the clients"
    if state["local_state"] != SYNCED:
        return REFUSE, f"not Synced ({state['local_state_comment']})"
    return SERVE, f"ok: Synced, cluster of {state['cluster_size']}"


def is_synced(state: Mapping[str, Any]) -> bool:
    return state.get("local_state") == SYNCED and state.get("cluster_status") == "Primary"
