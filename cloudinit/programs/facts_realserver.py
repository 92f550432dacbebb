"""What a real server of LVS says of itself: is each VIP on its loopback, and is it silent in ARP? In the words of `lvsdr.sh status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mha_common import Failure, at, read_env

UNITS = ("mariadb-ha-lvsdr",)
#: Kernel settings of a real server, each for `lo` and `all` (ip-sysctl): arp_ignore, arp_announce.
SETTINGS = {"arp_ignore": "1", "arp_announce": "2"}
RUNNING, PARTLY, STOPPED = 0, 1, 3


class Subject:
    """Nothing here takes a process."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self.lo = addresses.get("lo", ())

    def facts(self) -> dict[str, Any]:
        """{"lvsdr": {"code": as `lvsdr.sh status` ends, "text"}}."""
        try:
            vips = read_env("/etc/mariadb-ha/realserver.env").get("VIPS", "").split()
        except Failure as failure:
            return {"lvsdr": {"code": PARTLY, "text": failure.what}}
        lines = [f"{vip}/32 on lo: {'yes' if vip in self.lo else 'no'}" for vip in vips]
        silent = True
        for interface in ("lo", "all"):
            for key, wanted in SETTINGS.items():
                now = _read(f"/proc/sys/net/ipv4/conf/{interface}/{key}")
                silent &= now == wanted
                lines.append(f"net.ipv4.conf.{interface}.{key}={now}" + ("" if now == wanted else f" (real server: {wanted})"))
        have = sum(vip in self.lo for vip in vips)
        if vips and have == len(vips) and silent:
            return {"lvsdr": {"code": RUNNING, "text": "\n".join([*lines, "running"])}}
        if not have:
            return {"lvsdr": {"code": STOPPED, "text": "\n".join([*lines, "stopped"])}}
        if not silent:
            lines.append("this host answers ARP for the VIP: clients may bypass the director. To do: lvsdr.sh start")
        return {"lvsdr": {"code": PARTLY, "text": "\n".join([*lines, "partly running"])}}


def _read(path: str) -> str:
    try:
        return at(path).read_text().strip()
    except OSError as error:
        return f"unreadable ({error.strerror})"
