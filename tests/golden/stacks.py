"""The stacks whose every line is kept: S1 on VMs, on servers, and on both with the settings that are seldom chosen;
S2 on VMs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from plan.context import Context
from plan.secrets import Secrets
from settings import load_stack
from tests.conftest import TEST_SECRET, dev_config, make_arbitrated
from tests.unit.settings_config import MIXED, host_key


def _context(name: str, config: dict[str, Any]) -> Context:
    settings = load_stack(config, name)
    return Context(
        stack=name,
        settings=settings,
        secrets=Secrets(stack=name, stack_secret=TEST_SECRET, generations=settings.secret_generations),
    )


def vms() -> Context:
    """The dev stack as it is."""
    return _context("dev", dev_config())


def bare_metal() -> Context:
    """The dev stack on servers that are there already."""
    config = dev_config()
    for number, (name, entry) in enumerate(config["mariadb-ha:hosts"].items()):
        config["mariadb-ha:hosts"][name] = {
            "address": entry["address"],
            "provisioner": "bare-metal",
            "ssh_host_key": host_key(number),
        }
    return _context("metal", config)


def mixed() -> Context:
    """VMs and servers, one of them lost, with VRRP version 2, a reader, e-mail, one writer and a mirror."""
    config = copy.deepcopy(MIXED)
    config["mariadb-ha:directors"] |= {
        "vrrp_version": 2,
        "authentication": {},
        "preempt": False,
        "unicast": False,
        "virtual_server": {},
        "reader": {"vip": "172.16.21.189", "virtual_server": {"lb_algo": "mh", "check": "tcp"}},
        "notification": {"notification_email": ["dba@example.org"]},
    }
    config["mariadb-ha:galera"]["routing"] = "single-writer"
    config["mariadb-ha:timers"] = {"profile": "wan", "connect_timeout": 2.5}
    config["mariadb-ha:packages"] = {"apt_sources": ["deb http://mirror.example.org/debian bookworm main"]}
    config["mariadb-ha:ssh"] = {"port": 2222, "admin_cidrs": ["172.16.21.0/24"]}
    config["mariadb-ha:secret_generations"] = {"account-password": 2}
    return _context("mixed", config)


STACKS: Mapping[str, Callable[[], Context]] = {
    "vms": vms,
    "bare-metal": bare_metal,
    "mixed": mixed,
    "arbitrator": make_arbitrated,
}
