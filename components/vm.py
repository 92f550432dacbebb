"""A VM made on libvirt, with the plan's files on its cloud-init disk."""

from __future__ import annotations

import hashlib

import pulumi
import pulumi_libvirt as libvirt

from cloudinit.seed import make_seed
from components.machine import Machine
from components.site import LibvirtSite
from components.ssh import SshAccess
from plan.first_boot import first_boot
from plan.model import HostPlan
from plan.secrets import SshKey
from settings.hosts import HostSettings, Ssh

GIB = 1024**3
#: With one virtual CPU QEMU's emulation leaves memory barriers out: a virtio device misses a notification, and the
#: guest's network or disk stands still for ever (docs/decisions/0012-emulated-guests-have-two-vcpus.md).
EMULATED_VCPUS = 2


def first_boot_identity(plan: HostPlan, site: LibvirtSite) -> str:
    """Six hexadecimal digits of what only a first boot can set: the network. Another one needs a VM made anew."""
    return hashlib.sha256("/".join(first_boot(plan, site.network).values()).encode()).hexdigest()[:6]


def make_vm(
    name: str,
    *,
    plan: HostPlan,
    machine: HostSettings,
    ssh: Ssh,
    site: LibvirtSite,
    admin_key: SshKey,
    host_key: SshKey,
    parent: pulumi.Resource,
) -> Machine:
    """Disks, seed and domain of one host.

    A host that holds data is protected: only a word from the user lets it be replaced.
    """
    own = pulumi.ResourceOptions(parent=parent, provider=site.provider)
    identity = first_boot_identity(plan, site)
    seed = make_seed(
        plan,
        stack=name,
        network=site.network,
        ssh=ssh,
        authorized_keys=(admin_key.public, *ssh.authorized_keys),
        host_key_private=host_key.private,
        host_key_public=host_key.public,
    )
    # cloud-init runs once: later changes go over SSH, so the running VM ignores a new seed. A new identity is a new
    # seed.
    disk = libvirt.CloudInitDisk(
        f"{name}-seed-{identity}",
        name=f"{name}-seed-{identity}.iso",
        pool=site.pool,
        user_data=pulumi.Output.secret(seed.user_data),
        meta_data=seed.meta_data,
        network_config=seed.network_config,
        opts=pulumi.ResourceOptions.merge(
            own,
            pulumi.ResourceOptions(
                depends_on=[site.last_sent],
                ignore_changes=["userData", "metaData", "networkConfig"],
                additional_secret_outputs=["userData"],
            ),
        ),
    )
    site.last_sent = disk
    root = libvirt.Volume(
        f"{name}-root",
        name=f"{name}-root-{identity}.qcow2",
        pool=site.pool,
        base_volume_id=site.base_volume.id,
        size=machine.root_disk_gib * GIB,
        opts=pulumi.ResourceOptions.merge(own, pulumi.ResourceOptions(ignore_changes=["size"])),
    )
    disks = [libvirt.DomainDiskArgs(volume_id=root.id)]
    for volume in sorted(plan.volumes, key=lambda volume: volume.device):
        data = libvirt.Volume(
            f"{name}-{volume.name}",
            name=f"{name}-{volume.name}.qcow2",
            pool=site.pool,
            size=machine.data_disk_gib * GIB,
            format="qcow2",
            opts=pulumi.ResourceOptions.merge(
                own, pulumi.ResourceOptions(protect=site.hypervisor.protect_data_volumes, ignore_changes=["size"])
            ),
        )
        disks.append(libvirt.DomainDiskArgs(volume_id=data.id))
    interface = libvirt.DomainNetworkInterfaceArgs(mac=plan.mac.upper())
    if site.network_id is not None:
        interface.network_id = site.network_id
    else:
        interface.bridge = site.network.bridge
    emulated = site.hypervisor.domain_type == "qemu"
    domain = libvirt.Domain(
        f"{name}-domain",
        name=name,
        type=site.hypervisor.domain_type,
        vcpu=max(machine.vcpus, EMULATED_VCPUS) if emulated else machine.vcpus,
        memory=machine.memory_mib,
        cpu=libvirt.DomainCpuArgs(mode="maximum" if emulated else "host-passthrough"),
        cloudinit=disk.id,
        disks=disks,
        network_interfaces=[interface],
        consoles=[libvirt.DomainConsoleArgs(type="pty", target_port="0", target_type="serial")],
        autostart=True,
        # The provider replaces a VM, with a power cut, to change its size: a living one keeps what it was made with.
        opts=pulumi.ResourceOptions.merge(
            own,
            pulumi.ResourceOptions(
                protect=bool(plan.volumes) and site.hypervisor.protect_database_hosts,
                delete_before_replace=True,
                ignore_changes=["memory", "vcpu"],
            ),
        ),
    )
    access = SshAccess(address=plan.address, user=ssh.user, port=ssh.port, key=admin_key, host_key=host_key.public)
    return Machine(identity=domain.id, access=access, reachable=domain)
