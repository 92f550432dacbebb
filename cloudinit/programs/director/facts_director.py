"""Facts of a director: the kernel's IPVS table, the ports of real servers that take no connections, and the state that
keepalived entered last. Part of host-facts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import vrrp_log
from mha_common import read_env
from mha_files import read_object

UNITS: Sequence[str] = ("keepalived", "mariadb-ha-ipvs-sync", "mariadb-ha-drain-watch")

#: Written by drain-watch.
PORTS = "/run/mariadb-ha/ports.json"


def vips() -> list[str]:
    return read_env("/etc/mariadb-ha/director.env").get("VIPS", "").split()


def commands() -> dict[str, Sequence[str]]:
    return {"ipvs": ["ipvsadm", "-Ln"], **vrrp_log.commands(vips())}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, table = said("ipvs")
    return {"ipvs": {"code": code, "text": table}, "ports": read_object(PORTS), **vrrp_log.facts(vips(), said)}
