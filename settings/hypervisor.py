"""Where VMs are made."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings.base import Settings


class Hypervisor(Settings):
    """A libvirt daemon and what to make VMs from (libvirt.org/uri.html, formatdomain)."""

    uri: str = Field(
        default="qemu:///system",
        description="libvirt URI. An explicit one is checked for an answer before anything is touched.",
    )
    domain_type: Literal["kvm", "qemu"] = Field(
        default="kvm",
        description="`kvm`, or `qemu` for emulation. `make up` finds out what works and records it in the local "
        "configuration.",
    )
    pool: str | None = Field(
        default=None,
        description="An existing storage pool for root disks and images. None: the stack makes pools of its own in "
        "`pool_path`.",
    )
    pool_path: str = Field(
        default="/var/lib/libvirt/mariadb-ha", description="Folder on the hypervisor for the stack's own storage pool."
    )
    image: str = Field(
        default="debian-12-generic-amd64.qcow2",
        description="Base image: path or URL of a Debian 12 `generic` qcow2 (or one made by `lab/image`), read by the "
        "machine that runs Pulumi.",
    )
    protect_data_volumes: bool = Field(
        default=True,
        description=(
            "Data volumes are protected: `pulumi destroy` keeps them, and stops before them, until the protection "
            "is lifted."
        ),
    )
    adopt_retained_volumes: bool = Field(
        default=False,
        description=(
            "Take data volumes that an earlier stack of this name left behind, with their data. False: refuse and "
            "say so."
        ),
    )
    protect_database_hosts: bool = Field(
        default=True,
        description=(
            "VMs that hold data are protected: a change that would replace one is refused until the protection is "
            "lifted."
        ),
    )
