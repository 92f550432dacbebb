"""What a user says about a stack, and every rule about it.

One way in: `load_stack`; one function behind all messages: `check_config`.
"""

from settings.bare_metal import BareMetal
from settings.check import check_config, load_stack
from settings.databases import Account, Database
from settings.hosts import HostSettings, Ssh
from settings.hypervisor import Hypervisor
from settings.network import Network
from settings.problem import SettingsError
from settings.secret_source import read_stack_secret
from settings.stack import Stack
from settings.timers import PROFILES, Timers

__all__ = [
    "PROFILES",
    "Account",
    "BareMetal",
    "Database",
    "HostSettings",
    "Hypervisor",
    "Network",
    "SettingsError",
    "Ssh",
    "Stack",
    "Timers",
    "check_config",
    "load_stack",
    "read_stack_secret",
]
