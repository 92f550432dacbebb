"""What all VMs of a stack share at one hypervisor: provider, storage pool, base image, network."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_libvirt as libvirt

from settings.hypervisor import Hypervisor
from settings.network import Network


@dataclass(frozen=True, kw_only=True)
class LibvirtSiteArgs:
    """Where and from what VMs are made.

    Attributes:
        hypervisor: the libvirt daemon, its pool and the base image.
        network: the link; without a bridge of its own the site makes an isolated libvirt network with the gateway's
            address on it.
    """

    hypervisor: Hypervisor
    network: Network


class LibvirtSite(pulumi.ComponentResource):
    """One hypervisor. It deliberately does not make hosts: `Host` does, from this."""

    provider: libvirt.Provider
    pool: pulumi.Output[str]
    """Name of the storage pool."""
    base_volume: libvirt.Volume
    network_id: pulumi.Output[str] | None
    """The libvirt network made here; None where VMs sit on an existing bridge."""
    last_sent: pulumi.Resource
    """What was sent to the hypervisor last. The next waits for it: beside each other on the provider's one connection,
    streams (virStorageVolUpload, virStorageVolDownload) have been seen to end early, or never."""

    def __init__(self, name: str, args: LibvirtSiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mariadb-ha:index:LibvirtSite", name, None, opts)
        self.hypervisor = args.hypervisor
        self.network = args.network
        self.provider = libvirt.Provider(
            f"{name}-libvirt", uri=args.hypervisor.uri, opts=pulumi.ResourceOptions(parent=self)
        )
        own = pulumi.ResourceOptions(parent=self, provider=self.provider)
        if args.hypervisor.pool:
            self.pool = pulumi.Output.from_input(args.hypervisor.pool)
        else:
            pool = libvirt.Pool(
                f"{name}-pool",
                name=name,
                type="dir",
                target=libvirt.PoolTargetArgs(path=f"{args.hypervisor.pool_path}/{name}"),
                opts=own,
            )
            self.pool = pool.name
        # A newer image is for new VMs: it must not cascade into replacing every root disk.
        self.base_volume = libvirt.Volume(
            f"{name}-base",
            name=f"{name}-base.qcow2",
            pool=self.pool,
            source=args.hypervisor.image,
            format="qcow2",
            opts=pulumi.ResourceOptions(parent=self, provider=self.provider, ignore_changes=["source"]),
        )
        self.last_sent = self.base_volume
        self.network_id = None
        if args.network.bridge is None:
            network = libvirt.Network(
                f"{name}-network",
                name=name,
                mode=args.network.mode,
                addresses=[str(args.network.cidr)],
                dhcp=libvirt.NetworkDhcpArgs(enabled=False),
                dns=libvirt.NetworkDnsArgs(enabled=False),
                autostart=True,
                # libvirt detaches every running VM from a network that is made anew (settings.network.mode says so).
                opts=pulumi.ResourceOptions(parent=self, provider=self.provider, ignore_changes=["mode", "addresses"]),
            )
            self.network_id = network.id
        self.register_outputs({"pool": self.pool})
