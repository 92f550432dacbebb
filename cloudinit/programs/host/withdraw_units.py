#!/usr/bin/python3
"""What runs for the stack on this host, in the order in which it is stopped. Nothing here knows what a host is for: our
own units are named `mariadb-ha-*`, those of packages are the ones that the stack has a drop-in for or found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apply_deliver import load_record, set_names
from host_changes import STOCK, asked
from mha_common import run

#: They serve the whole host, with or without a stack.
LEFT_RUNNING = ("chrony.service", "nftables.service")
#: They hold the address by which clients came, or report on a database that ends.
OUTLIVE = ("mariadb-ha-agent.service", "mariadb-ha-lvsdr.service")
_DROP_IN = re.compile(r"/etc/systemd/system/([^/]+\.(?:service|mount))\.d/")
_TRIGGERS = (".timer", ".path", ".socket")


def of_packages() -> list[str]:
    """Units of packages that the stack runs, and mounts that it has."""
    delivered = {found[1] for name in set_names() for path in load_record(name) if (found := _DROP_IN.match(path))}
    return sorted((delivered | set(STOCK)) - set(LEFT_RUNNING))


def own() -> list[str]:
    """Our own units that run; instances of sockets too."""
    shown = run(["systemctl", "list-units", "--plain", "--no-legend", "--state=active,activating", "mariadb-ha-*"])
    return sorted(line.split()[0] for line in shown.stdout.splitlines() if line.split())


def in_order() -> Iterator[str]:
    """Units that run: what starts others, the VIP, what decides and serves, the database, what lies below it, and what
    reports on it.
    """
    packages = of_packages()
    mounts = [unit for unit in packages if unit.endswith(".mount")]
    below = set(OUTLIVE) | set(_after("mariadb.service", *mounts))
    mine = own()
    order = [
        *(unit for unit in mine if unit.endswith(_TRIGGERS)),
        "keepalived.service",
        *(unit for unit in mine if not unit.endswith(_TRIGGERS) and unit not in below),
        *(unit for unit in packages if unit not in ("keepalived.service", "mariadb.service", *mounts)),
        "mariadb.service",
        *mounts,
        *(unit for unit in mine if unit in below and unit not in OUTLIVE),
        *OUTLIVE,
    ]
    for unit in dict.fromkeys(order):
        if asked("is-active", unit) not in ("", "inactive", "failed", "unknown"):
            yield unit


def _after(*units: str) -> list[str]:
    """What these units start after (systemd.unit(5), After=)."""
    return run(["systemctl", "show", "--property=After", "--value", *units]).stdout.split()
