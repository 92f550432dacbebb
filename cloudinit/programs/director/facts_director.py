"""Facts of a director: the kernel's IPVS table, and the state that keepalived entered last. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import vrrp_log
from mha_common import read_env

UNITS: Sequence[str] = ("keepalived", "mariadb-ha-ipvs-sync", "mariadb-ha-drain-watch")


def vips() -> list[str]:
    return read_env("/etc/mariadb-ha/director.env").get("VIPS", "").split()


def commands() -> dict[str, Sequence[str]]:
    return {"ipvs": ["ipvsadm", "-Ln"], **vrrp_log.commands(vips())}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, table = said("ipvs")
    return {"ipvs": {"code": code, "text": table}, **vrrp_log.facts(vips(), said)}
