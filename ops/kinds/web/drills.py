"""Faults of a web pair."""

from __future__ import annotations

from ops.component import FaultKind, Scripted, Service
from ops.roles.vrrp import DIRECTOR_KILL, DIRECTOR_STOP

NGINX = Service(unit="nginx", words="nginx")
WEB_STOP = FaultKind(name="web-stop", role="web", host_words="web host", kills=False)
VRRP_BLOCKED = FaultKind(name="vrrp-blocked", role="web", host_words="web host", kills=False)
FAULTS = (WEB_STOP, DIRECTOR_STOP, DIRECTOR_KILL, VRRP_BLOCKED)

TABLE = "mariadb_ha_drill"


def block_vrrp(host: str) -> Scripted:
    """The holder's adverts do not leave it (nftables, chain output): the other host takes the VIP as well."""
    rules = f"table inet {TABLE} {{ chain output {{ type filter hook output priority 0; ip protocol vrrp drop; }}; }}"
    free = f"nft delete table inet {TABLE}"
    return Scripted(
        words=f"VRRP (IP protocol 112) on the output of {host} blocked",
        by_hand=f"{free} on {host}",
        make=f"nft '{rules}'",
        undo=f"{free} 2>/dev/null; ! nft list table inet {TABLE} >/dev/null 2>&1",
    )
