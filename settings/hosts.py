"""Hosts: machines that roles are laid on."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Literal

from pydantic import Field

from settings.base import Settings, form

#: Sizes cannot be changed on a living VM by the provider: it would be replaced, with a power cut.
ONCE = "Taken when the VM is made; a later change waits until the VM is replaced (`pulumi up --replace URN`)."


class HostSettings(Settings):
    """One machine. A host may carry several roles; the sections `directors` and `galera` name hosts by their key."""

    address: IPv4Address = Field(description="Static IPv4 address within `network.cidr`.")
    provisioner: Literal["libvirt"] = Field(default="libvirt", description="`libvirt`: a VM that the stack makes.")
    mac: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$",
        json_schema_extra=form("six pairs of lower-case hexadecimal digits joined by colons, such as 52:54:00:12:34:56"),
        description="MAC address, lower case. None: derived from stack and host name (52:54:00:…), so that every file is known at preview.",
    )
    vcpus: int = Field(default=1, ge=1, le=256, description=f"Virtual CPUs. {ONCE}")
    memory_mib: int = Field(default=1024, ge=256, description=f"Memory in MiB. {ONCE}")
    root_disk_gib: int = Field(default=8, ge=3, description=f"Root disk in GiB. {ONCE}")
    data_disk_gib: int = Field(default=10, ge=2, description=f"Data volume in GiB for hosts that hold data (Galera nodes); others get none. {ONCE}")


class Ssh(Settings):
    """How hosts are reached (ssh_config(5))."""

    user: str = Field(
        default="debian",
        pattern=r"^[a-z_][a-z0-9_-]{0,31}$",
        json_schema_extra=form("a Unix login of lower-case letters, digits, _ and -, such as debian"),
        description="Login with password-less sudo; created on VMs.",
    )
    port: int = Field(default=22, ge=1, le=65535, description="Port of sshd.")
    authorized_keys: tuple[str, ...] = Field(default=(), description="Public keys admitted besides the stack's own (which is derived from the stack secret).")
    admin_cidrs: tuple[str, ...] = Field(default=("0.0.0.0/0",), description="Networks from which the firewall admits SSH.")
