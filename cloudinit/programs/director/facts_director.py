"""Facts of a director: the kernel's IPVS table, and the state that keepalived entered last. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mha_common import read_env
from vrrp_said import LOG, holds_any

UNITS: Sequence[str] = ("keepalived", "mariadb-ha-ipvs-sync", "mariadb-ha-drain-watch")


def holds_a_vip() -> bool:
    return holds_any(read_env("/etc/mariadb-ha/director.env").get("VIPS", "").split())


def commands() -> dict[str, Sequence[str]]:
    asked: dict[str, Sequence[str]] = {"ipvs": ["ipvsadm", "-Ln"]}
    return asked if holds_a_vip() else asked | {"vrrp": LOG}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, table = said("ipvs")
    return {"ipvs": {"code": code, "text": table}, "vrrp_log": "" if holds_a_vip() else said("vrrp")[1]}
