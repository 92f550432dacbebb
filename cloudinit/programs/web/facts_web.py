"""Facts of a host of a web pair: nginx's version, and the state that keepalived entered last. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import vrrp_log
from mha_common import read_env

UNITS: Sequence[str] = ("nginx", "keepalived")
#: What web-check said last: a restart of nginx, the VIP given up, or both well again.
LOG = ["journalctl", "-b", "-t", "web-check", "-o", "short-iso", "-r", "-n", "1", "--no-pager", "-q"]


def vips() -> list[str]:
    return read_env("/etc/mariadb-ha/web.env").get("VIP", "").split()


def commands() -> dict[str, Sequence[str]]:
    return {"nginx": ["nginx", "-v"], "web_check": LOG, **vrrp_log.commands(vips())}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    version = said("nginx")[1].strip().rpartition("/")[2]
    return {"web": {"version": version, "log": said("web_check")[1].strip()}, **vrrp_log.facts(vips(), said)}
