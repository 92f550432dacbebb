"""A good configuration and small changes of it, for the tests of the settings."""

from __future__ import annotations

import base64
import copy
from typing import Any

#: Stands for "remove this key".
GONE = object()

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl admin@example"


def host_key(number: int) -> str:
    """A well-formed Ed25519 public key, another one for each number from 0 to 255."""
    name = b"ssh-ed25519"
    blob = len(name).to_bytes(4, "big") + name + (32).to_bytes(4, "big") + bytes([number]) * 32
    return f"{name.decode()} {base64.b64encode(blob).decode()}"


def metal(*names: str) -> dict[str, Any]:
    """Changes that make bare metal of hosts of GOOD, each with a key of its own."""
    found: dict[str, Any] = {}
    for name in names:
        found[f"hosts.{name}.provisioner"] = "bare-metal"
        found[f"hosts.{name}.ssh_host_key"] = host_key(sum(name.encode()) % 256)
        if name.startswith("ha"):
            found[f"hosts.{name}.memory_mib"] = GONE
    return found


GOOD: dict[str, Any] = {
    "mariadb-ha:stack_secret": "q8Zr3vLw1Xo7Tn5Ys9Kc2Bd4Hf6Jg0Mp",
    "mariadb-ha:network": {"cidr": "172.16.21.0/24", "gateway": "172.16.21.1", "ntp": ["172.16.21.1"]},
    "mariadb-ha:hosts": {
        "ha1": {"address": "172.16.21.201", "memory_mib": 512},
        "ha2": {"address": "172.16.21.202", "memory_mib": 512},
        "mdb1": {"address": "172.16.21.180"},
        "mdb2": {"address": "172.16.21.181"},
        "mdb3": {"address": "172.16.21.182"},
    },
    "mariadb-ha:directors": {
        "vip": "172.16.21.188",
        "virtual_router_id": 51,
        "members": {"ha1": {"priority": 100}, "ha2": {"priority": 99}},
        "virtual_server": {"lb_algo": "rr", "persistence_timeout": 50},
    },
    "mariadb-ha:galera": {"members": ["mdb1", "mdb2", "mdb3"], "reference_node": "mdb1", "routing": "all-nodes"},
    "mariadb-ha:databases": {"app": {"accounts": {"app": {}}}},
}


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """GOOD with changes by key path: {"hosts.mdb2.address": "10.0.0.1", "hosts.mdb3": GONE}."""
    config = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *folders, last = path.split(".")
        at: dict[str, Any] = config
        for depth, name in enumerate(folders):
            at = at.setdefault(f"mariadb-ha:{name}" if depth == 0 else name, {})
        last = last if folders else f"mariadb-ha:{last}"
        if value is GONE:
            del at[last]
        else:
            at[last] = copy.deepcopy(value)
    return config


#: VMs and bare metal in one stack, one host lost, and every key that is about them.
MIXED: dict[str, Any] = changed(
    {
        **metal("ha1", "mdb2", "mdb3"),
        "hosts.mdb2.lost": True,
        "hosts.mdb3.interface": "enp1s0",
        "bare_metal": {"trust_on_first_use": True, "purge_data": False, "adopt_retained_data": True},
        "network.extra_hosts": {"mirror.example.org": "172.16.21.9"},
        "hypervisor": {"protect_database_hosts": False},
        "galera.drain_timeout": 2.5,
    }
)
