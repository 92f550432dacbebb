"""A host as a VM: disks, first boot, the ready gate, and today's files over SSH."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_libvirt as libvirt

from cloudinit.seed import make_seed
from components.site import LibvirtSite
from components.ssh import SshAccess, remote_command
from plan.model import HostPlan
from plan.render import LIB
from plan.secrets import SshKey
from settings.hosts import HostSettings, Ssh

GIB = 1024**3
#: Longest first boot: five emulated guests at once on two cores took 400 s, package installation comes on top. The gate itself gives up a little earlier.
FIRST_BOOT = "30m"


@dataclass(frozen=True, kw_only=True)
class HostArgs:
    """One VM.

    Attributes:
        plan: what lies on the host.
        machine: its size.
        ssh: how it is reached.
        site: the hypervisor.
        admin_key: the stack's own SSH key pair.
        host_key: the host's SSH key pair, known before its first boot.
    """

    plan: HostPlan
    machine: HostSettings
    ssh: Ssh
    site: LibvirtSite
    admin_key: SshKey
    host_key: SshKey


class Host(pulumi.ComponentResource):
    """A machine with its plan's files on it. Steps of clusters wait for `files`."""

    access: SshAccess
    machine_id: pulumi.Output[str]
    """Identity of the machine: it changes when the VM is replaced, and with it everything that must be done again."""
    files: list[pulumi.Resource]
    """What a step must wait for before it may rely on the host's files."""
    domain: libvirt.Domain

    def __init__(self, name: str, args: HostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mariadb-ha:index:Host", name, None, opts)
        self.plan = args.plan
        self.access = SshAccess(address=args.plan.address, user=args.ssh.user, port=args.ssh.port, key=args.admin_key, host_key=args.host_key.public)
        self.domain = self._machine(name, args)
        self.machine_id = self.domain.id
        # Files come before the check of what the first boot did: one of them may mend what stopped it (a mirror, adoption of a volume).
        gate = self._gate(name, "gate", "--cloud-init-only", after=self.domain)
        plain = self._deliver(name, gate, secret=False)
        ready = self._gate(name, "ready", after=plain)
        self.files = [plain, ready]
        if args.plan.manifest(secret=True):
            self.files.append(self._deliver(name, ready, secret=True))
        self.register_outputs({"machine_id": self.machine_id})

    def _gate(self, name: str, role: str, *options: str, after: pulumi.Resource) -> pulumi.Resource:
        """Waits for the host; `ready` repeats a failed `provision` once."""
        return remote_command(
            f"{name}-{role}",
            access=self.access,
            program=" ".join([f"{LIB}/ready", "--timeout", "1700", *options]),
            triggers=[self.machine_id],
            gate=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after], custom_timeouts=pulumi.CustomTimeouts(create=FIRST_BOOT, update=FIRST_BOOT)),
        )

    def _deliver(self, name: str, after: pulumi.Resource, *, secret: bool) -> pulumi.Resource:
        """The same files as cloud-init's, and the secret ones: content is an update, the machine's identity a trigger."""
        kind = "secrets" if secret else "files"
        manifest = json.dumps(self.plan.manifest(secret=secret), indent=1, sort_keys=True)
        return remote_command(
            f"{name}-{kind}",
            access=self.access,
            program=f"{LIB}/apply --owner-set {'secret' if secret else 'plain'}",
            stdin=pulumi.Output.secret(manifest) if secret else manifest,
            triggers=[self.machine_id],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )

    def _machine(self, name: str, args: HostArgs) -> libvirt.Domain:
        site = args.site
        seed = make_seed(
            args.plan,
            stack=name,
            network=site.network,
            ssh=args.ssh,
            authorized_keys=(args.admin_key.public, *args.ssh.authorized_keys),
            host_key_private=args.host_key.private,
            host_key_public=args.host_key.public,
        )
        # cloud-init runs once: later changes go over SSH, so the running VM ignores a new seed.
        disk = libvirt.CloudInitDisk(
            f"{name}-seed",
            name=f"{name}-seed.iso",
            pool=site.pool,
            user_data=pulumi.Output.secret(seed.user_data),
            meta_data=seed.meta_data,
            network_config=seed.network_config,
            opts=pulumi.ResourceOptions(
                parent=self, provider=site.provider, ignore_changes=["userData", "metaData", "networkConfig"], additional_secret_outputs=["userData"]
            ),
        )
        root = libvirt.Volume(
            f"{name}-root",
            name=f"{name}-root.qcow2",
            pool=site.pool,
            base_volume_id=site.base_volume.id,
            size=args.machine.root_disk_gib * GIB,
            opts=pulumi.ResourceOptions(parent=self, provider=site.provider, ignore_changes=["size"]),
        )
        disks = [libvirt.DomainDiskArgs(volume_id=root.id)]
        if args.plan.has_data:
            data = libvirt.Volume(
                f"{name}-data",
                name=f"{name}-data.qcow2",
                pool=site.pool,
                size=args.machine.data_disk_gib * GIB,
                format="qcow2",
                opts=pulumi.ResourceOptions(parent=self, provider=site.provider, protect=site.hypervisor.protect_data_volumes, ignore_changes=["size"]),
            )
            disks.append(libvirt.DomainDiskArgs(volume_id=data.id))
        interface = libvirt.DomainNetworkInterfaceArgs(mac=args.plan.mac.upper())
        if site.network_id is not None:
            interface.network_id = site.network_id
        else:
            interface.bridge = site.network.bridge
        return libvirt.Domain(
            f"{name}-domain",
            name=name,
            type=site.hypervisor.domain_type,
            vcpu=args.machine.vcpus,
            memory=args.machine.memory_mib,
            cpu=libvirt.DomainCpuArgs(mode="host-passthrough" if site.hypervisor.domain_type == "kvm" else "maximum"),
            cloudinit=disk.id,
            disks=disks,
            network_interfaces=[interface],
            consoles=[libvirt.DomainConsoleArgs(type="pty", target_port="0", target_type="serial")],
            autostart=True,
            # The provider replaces a VM, with a power cut, to change its size: a living one keeps what it was made with.
            opts=pulumi.ResourceOptions(parent=self, provider=site.provider, delete_before_replace=True, ignore_changes=["memory", "vcpu"]),
        )
