"""Facts of a director: the kernel's IPVS table, the ports of real servers that take no connections, who is kept
although it is silent or late, and the state that keepalived entered last. Part of host-facts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import vrrp_log
from mha_common import read_env
from mha_files import read_object

UNITS: Sequence[str] = ("keepalived", "mariadb-ha-ipvs-sync", "mariadb-ha-drain-watch")

#: Written by drain-watch.
PORTS, KEPT = "/run/mariadb-ha/ports.json", "/run/mariadb-ha/kept.json"


def vips() -> list[str]:
    return read_env("/etc/mariadb-ha/director.env").get("VIPS", "").split()


def commands() -> dict[str, Sequence[str]]:
    return {"ipvs": ["ipvsadm", "-Ln"], **vrrp_log.commands(vips())}


def kept() -> dict[str, dict[str, Any]]:
    """What each that is kept is, and for how long (s); drain-watch's clock is this one."""
    now = time.monotonic()
    return {
        name: {"what": one["what"], "seconds": None if one["since"] is None else round(now - one["since"], 1)}
        for name, one in read_object(KEPT).items()
    }


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, table = said("ipvs")
    return {
        "ipvs": {"code": code, "text": table},
        "ports": read_object(PORTS),
        "kept": kept(),
        **vrrp_log.facts(vips(), said),
    }
