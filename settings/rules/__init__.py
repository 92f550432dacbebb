"""Every rule between settings that can be checked without a server, by theme. Importing the themes registers their rules."""

from settings.rules import (
    access,
    accounts,
    addresses,
    bare_metal,
    capacity,
    contact,
    databases,
    extra_hosts,
    host_keys,
    hypervisor,
    lost,
    lvs,
    macs,
    names,
    ports,
    quorum,
    roles,
    secrets,
    timers,
    vrrp,
)  # fmt: skip
from settings.rules.registry import RULES, rule_problems

__all__ = [
    "RULES", "access", "accounts", "addresses", "bare_metal", "capacity", "contact", "databases", "extra_hosts", "host_keys", "hypervisor", "lost", "lvs",
    "macs", "names", "ports", "quorum", "roles", "rule_problems", "secrets", "timers", "vrrp",
]  # fmt: skip
