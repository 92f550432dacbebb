"""Every rule between settings that can be checked without a server, by theme. Importing the themes registers their rules."""

from settings.rules import access, accounts, addresses, capacity, contact, databases, hypervisor, lvs, macs, names, ports, quorum, roles, secrets, timers, vrrp
from settings.rules.registry import RULES, rule_problems

__all__ = [
    "RULES", "access", "accounts", "addresses", "capacity", "contact", "databases", "hypervisor", "lvs", "macs", "names", "ports", "quorum", "roles",
    "rule_problems", "secrets", "timers", "vrrp",
]  # fmt: skip
