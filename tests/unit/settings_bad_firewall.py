"""Bad settings of the firewall: as in `settings_bad`."""

from __future__ import annotations

from typing import Any

Case = tuple[dict[str, Any], str, tuple[str, ...]]


def _opening(**changes: Any) -> dict[str, Any]:
    return {"firewall": {"openings": [{"port": 9100, "cidrs": ["10.0.0.0/8"], **changes}]}}


_FIRST = "firewall.openings[0]"

FIREWALL: dict[str, Case] = {
    "no client": ({"directors.client_cidrs": []}, "directors.client_cidrs", ("No client would be admitted",)),
    "clients by IPv6": ({"directors.client_cidrs": ["::/0"]}, "directors.client_cidrs[0]", ("IPv6",)),
    "clients with host bits": (
        {"directors.client_cidrs": ["10.1.0.0/8"]},
        "directors.client_cidrs[0]",
        ("Write 10.0.0.0/8",),
    ),
    "clients of what stands behind": (
        {"galera.client_cidrs": ["10.0.0.0/8"]},
        "galera.client_cidrs",
        ("Set directors.client_cidrs",),
    ),
    "opening for a word": (_opening(cidrs=["everywhere"]), f"{_FIRST}.cidrs[0]", ("everywhere",)),
    "opening for nobody": (_opening(cidrs=[]), f"{_FIRST}.cidrs", ("no entries",)),
    "opening on an unknown host": (_opening(hosts=["mdb9"]), f"{_FIRST}.hosts[0]", ("no host mdb9", "mdb1")),
    "opening of SSH": (_opening(port=22), f"{_FIRST}.port", ("ssh.admin_cidrs",)),
    "opening of MariaDB": (_opening(port=3306), f"{_FIRST}.port", ("Add the networks to directors.client_cidrs",)),
    "opening of another protocol": (_opening(proto="sctp"), f"{_FIRST}.proto", ("tcp", "udp")),
}
