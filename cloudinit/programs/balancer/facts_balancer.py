"""Facts of a balancer: haproxy's servers, and VRRP. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from haproxy_socket import ask, servers
from mha_common import read_env
from vrrp_log import LOG, holds_a_vip

UNITS: Sequence[str] = ("keepalived", "haproxy")
COLUMNS = ("pxname", "svname", "addr", "status", "scur", "stot", "lastchg", "check_status", "bck")


@cache
def env() -> dict[str, str]:
    return read_env("/etc/mariadb-ha/balancer.env")


@cache
def holds() -> bool:
    """Asked once: a VIP may move while this host tells its facts."""
    return holds_a_vip(env()["VIPS"].split())


def commands() -> dict[str, Sequence[str]]:
    return {} if holds() else {"vrrp": LOG}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    try:
        rows = servers(ask(env()["SOCKET"], "show stat"))
        haproxy: dict[str, Any] = {
            "error": "",
            "servers": [{name: row.get(name, "") for name in COLUMNS} for row in rows],
        }
    except OSError as error:
        haproxy = {"error": error.strerror or str(error), "servers": []}
    return {"haproxy": haproxy, "vrrp_log": "" if holds() else said("vrrp")[1]}
