"""What a user says about a stack, and every rule about it. One way in: `load_stack`; one function behind all messages: `check_config`."""

from settings.bare_metal import BareMetal
from settings.check import check_config, load_stack
from settings.databases import Account, Database
from settings.directors import Authentication, Director, Directors, Notification, Reader, VirtualServer
from settings.galera import Galera
from settings.hosts import HostSettings, Ssh
from settings.hypervisor import Hypervisor
from settings.network import Network
from settings.problem import SettingsError
from settings.secret_source import read_stack_secret
from settings.stack import Stack
from settings.timers import PROFILES, Timers, Values

__all__ = [
    "PROFILES", "Account", "Authentication", "BareMetal", "Database", "Director", "Directors", "Galera", "HostSettings", "Hypervisor", "Network",
    "Notification", "Reader", "SettingsError", "Ssh", "Stack", "Timers", "Values", "VirtualServer", "check_config", "load_stack", "read_stack_secret",
]  # fmt: skip
