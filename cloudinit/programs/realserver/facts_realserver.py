"""Facts of a real server of LVS: what `lvsdr.sh status` says; for DR without its processes. Part of host-facts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from facts_host import addresses
from mha_common import read_env

UNITS: Sequence[str] = ("mariadb-ha-lvsdr",)
ENV = "/etc/mariadb-ha/realserver.env"
SILENT = {"arp_ignore": "1", "arp_announce": "2"}


def direct(env: Mapping[str, str]) -> bool:
    return env.get("METHOD", "DR") == "DR"


def commands() -> dict[str, Sequence[str]]:
    return {} if direct(read_env(ENV)) else {"lvsdr": [str(Path(__file__).with_name("lvsdr.sh")), "status"]}


def whole(vips: Sequence[str], on_lo: Sequence[str], sysctls: str) -> tuple[int, str]:
    """Code and words of lvsdr.sh (0 running, 3 stopped, 1 neither whole). `sysctls`: where net.ipv4.conf lies."""
    words = [f"{vip}/32 on lo: {'yes' if vip in on_lo else 'no'}" for vip in vips]
    silent = True
    for interface in ("lo", "all"):
        for key, wanted in SILENT.items():
            now = Path(f"{sysctls}/{interface}/{key}").read_text().strip()
            silent = silent and now == wanted
            words.append(f"net.ipv4.conf.{interface}.{key}={now}{'' if now == wanted else f' (real server: {wanted})'}")
    here = [vip for vip in vips if vip in on_lo]
    if len(here) == len(vips) and silent:
        return 0, "\n".join([*words, "running"])
    if not here:
        return 3, "\n".join([*words, "stopped"])
    if not silent:
        words.append("this host answers ARP for the VIP: clients may bypass the director. To do: lvsdr.sh start")
    return 1, "\n".join([*words, "partly running"])


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    env = read_env(ENV)
    if not direct(env):
        code, words = said("lvsdr")
        return {"lvsdr": {"code": code, "text": words}}
    vips = env.get("VIPS", "").split()
    code, words = whole(vips, addresses().get("lo", []), os.environ.get("MHA_SYSCTL", "/proc/sys/net/ipv4/conf"))
    return {"lvsdr": {"code": code, "text": words}}
