"""Every rule between settings that can be checked without a server, by theme.

Importing the themes registers their rules.
"""

from importlib import import_module

from settings.rules.registry import RULES, rule_problems

#: Themes in the order of the messages. A kind and a part keep their rules beside their models.
THEMES = (
    "settings.rules.access",
    "settings.rules.accounts",
    "settings.rules.addresses",
    "settings.rules.bare_metal",
    "settings.parts.server_options",
    "settings.parts.server_room",
    "settings.rules.contact",
    "settings.rules.databases",
    "settings.rules.extra_hosts",
    "settings.rules.firewall",
    "settings.rules.host_keys",
    "settings.rules.hypervisor",
    "settings.rules.lost",
    "settings.rules.forwarding",
    "settings.kinds.directors.method_rules",
    "settings.kinds.directors.scheduler_rules",
    "settings.kinds.directors.timeout_rules",
    "settings.kinds.directors.rules",
    "settings.rules.macs",
    "settings.rules.names",
    "settings.rules.ports",
    "settings.rules.sharing",
    "settings.kinds.galera.rules",
    "settings.kinds.galera.provider_options",
    "settings.kinds.master_master.rules",
    "settings.kinds.web.rules",
    "settings.kinds.replicas.rules",
    "settings.kinds.balancers.rules",
    "settings.rules.following",
    "settings.kinds.drbd.rules",
    "settings.rules.power",
    "settings.rules.roles",
    "settings.rules.secrets",
    "settings.rules.timers",
    "settings.parts.vrrp_rules",
)
for theme in THEMES:
    import_module(theme)

__all__ = ["RULES", "THEMES", "rule_problems"]
