"""Faults of a web pair."""

from __future__ import annotations

from ops.component import FaultKind, Scripted, Service
from ops.roles.vrrp import DIRECTOR_KILL, DIRECTOR_STOP

NGINX = Service(unit="nginx", words="nginx")
WEB_STOP = FaultKind(name="web-stop", role="web", host_words="web host", kills=False)
VRRP_BLOCKED = FaultKind(name="vrrp-blocked", role="web", host_words="web host", kills=False)
FAULTS = (WEB_STOP, DIRECTOR_STOP, DIRECTOR_KILL, VRRP_BLOCKED)

#: Seconds after which a host repairs itself although nobody asks for it any more.
ARMED = 180
TABLE = "mariadb_ha_drill"
TIMER = "mariadb-ha-drill-vrrp"


def block_vrrp(host: str) -> Scripted:
    """The holder's adverts do not leave it (nftables, chain output): the other host takes the VIP as well."""
    free = f"nft delete table inet {TABLE}"
    arm = f"systemd-run --quiet --collect --unit={TIMER} --on-active={ARMED} {free}"
    rules = f"table inet {TABLE} {{ chain output {{ type filter hook output priority 0; ip protocol vrrp drop; }}; }}"
    disarm = f"systemctl stop {TIMER}.timer 2>/dev/null; {free} 2>/dev/null"
    return Scripted(
        words=f"VRRP (IP protocol 112) on the output of {host} blocked",
        by_hand=f"{free} on {host}",
        inject=f"{disarm}; {arm} && nft '{rules}'",
        repair=f"{disarm}; ! nft list table inet {TABLE} 2>/dev/null",
    )
