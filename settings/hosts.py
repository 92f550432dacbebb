"""Hosts: machines that roles are laid on."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Literal

from pydantic import Field

from settings.base import Settings, form

#: Names of network interfaces as the kernel takes them.
INTERFACE = r"^[a-zA-Z0-9_.-]{1,15}$"
INTERFACE_FORM = "1 to 15 letters, digits, _ . and -, such as eth0"

#: Sizes cannot be changed on a living VM by the provider: it would be replaced, with a power cut.
ONCE = "Taken when the VM is made; a later change waits until the VM is replaced (`pulumi up --replace URN`)."


class HostSettings(Settings):
    """One machine. A host may carry several roles; the sections of the components name hosts by their key."""

    address: IPv4Address = Field(description="Static IPv4 address within `network.cidr`.")
    provisioner: Literal["libvirt", "bare-metal"] = Field(
        default="libvirt",
        description=(
            "`libvirt`: a VM that the stack makes. `bare-metal`: a Debian 12 host that is there already, taken over "
            "by SSH."
        ),
    )
    interface: str | None = Field(
        default=None,
        pattern=INTERFACE,
        json_schema_extra=form(INTERFACE_FORM),
        description="This host's name of the interface on the link, where it differs from `network.interface`.",
    )
    ssh_host_key: str | None = Field(
        default=None,
        max_length=1024,
        json_schema_extra=form("one line of key type and key, such as ssh-ed25519 AAAA…"),
        description=(
            "Bare metal only: the Ed25519 key by which the host proves who it is. `ssh-keyscan -t ed25519 -p PORT "
            "ADDRESS` fetches it; compare it at the host's console by `ssh-keygen -lf "
            "/etc/ssh/ssh_host_ed25519_key.pub`. None: refused, unless `bare_metal.trust_on_first_use` is true."
        ),
    )
    lost: bool = Field(
        default=False,
        description=(
            "Bare metal only: the machine is gone for good. Nothing is sent to it any more, its resources are let "
            "go, and the cluster goes on without it. It keeps its place and its vote in the settings until it is "
            "removed from them."
        ),
    )
    mac: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$",
        json_schema_extra=form(
            "six pairs of lower-case hexadecimal digits joined by colons, such as 52:54:00:12:34:56"
        ),
        description=(
            "VMs only: MAC address, lower case. None: derived from stack and host name (52:54:00:…), so that every "
            "file is known at preview."
        ),
    )
    vcpus: int = Field(
        default=1,
        ge=1,
        le=256,
        description=f"VMs only: virtual CPUs; an emulated VM (`hypervisor.domain_type: qemu`) has at least 2. {ONCE}",
    )
    memory_mib: int = Field(
        default=1024,
        ge=256,
        description=(
            "A VM's memory in MiB. Of bare metal: what the machine has, which is compared with it before anything is"
            " touched; not given, its MariaDB gets no more than 128 MiB of buffer pool. A VM's is"
            f" {ONCE[0].lower()}{ONCE[1:]}"
        ),
    )
    root_disk_gib: int = Field(default=8, ge=3, description=f"VMs only: root disk in GiB. {ONCE}")
    data_disk_gib: int = Field(
        default=10,
        ge=2,
        description=(
            "A VM's data volume in GiB, for hosts that hold data; others get none. Of bare metal: the file system that"
            " holds (or, with DRBD, will hold) /var/lib/mysql; not given, redo log and write-set cache are the"
            f" smallest. A VM's is {ONCE[0].lower()}{ONCE[1:]}"
        ),
    )

    def says(self, size: str) -> bool:
        """True where a size (`memory_mib`, `data_disk_gib`) is known: a VM's always, bare metal's where it is given."""
        return self.provisioner == "libvirt" or size in self.model_fields_set

    @property
    def host_key(self) -> str | None:
        """`ssh_host_key` without its comment: `TYPE KEY`."""
        return " ".join(self.ssh_host_key.split()[:2]) if self.ssh_host_key else None


class Ssh(Settings):
    """How hosts are reached (ssh_config(5))."""

    user: str = Field(
        default="debian",
        pattern=r"^[a-z_][a-z0-9_-]{0,31}$",
        json_schema_extra=form("a Unix login of lower-case letters, digits, _ and -, such as debian"),
        description="Login with password-less sudo: made on VMs, there already on bare metal (where it may be root).",
    )
    port: int = Field(default=22, ge=1, le=65535, description="Port of sshd.")
    authorized_keys: tuple[str, ...] = Field(
        default=(), description="Public keys admitted besides the stack's own (which is derived from the stack secret)."
    )
    admin_cidrs: tuple[str, ...] = Field(
        default=("0.0.0.0/0",), description="Networks from which the firewall admits SSH."
    )
