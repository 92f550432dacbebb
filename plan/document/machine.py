"""What a host is made of, as far as a change of it makes another machine."""

from __future__ import annotations

from typing import Any

from plan.context import Context
from plan.first_boot import first_boot
from plan.model import HostPlan


def machine(context: Context, host: HostPlan) -> dict[str, Any]:
    """`identity`: by setting what makes it another machine; `place`: what makes its disks other ones, too; `once`: what
    a machine keeps that it was made with.
    """
    settings, own = context.settings, context.settings.hosts[host.name]
    if own.provisioner == "bare-metal":
        return {
            "provisioner": own.provisioner,
            "identity": {"address": host.address},
            "place": {},
            "once": {},
            "protected": False,
            "keeps_data": not settings.bare_metal.purge_data,
        }
    hypervisor = settings.hypervisor
    return {
        "provisioner": own.provisioner,
        "identity": {**first_boot(host, settings.network), "hypervisor.domain_type": hypervisor.domain_type},
        "place": {
            "hypervisor.uri": hypervisor.uri,
            "hypervisor.pool": hypervisor.pool or "own",
            "hypervisor.pool_path": hypervisor.pool_path,
        },
        "once": {
            "vcpus": own.vcpus,
            "memory_mib": own.memory_mib,
            "root_disk_gib": own.root_disk_gib,
            **({"data_disk_gib": own.data_disk_gib} if host.volumes else {}),
            "hypervisor.image": hypervisor.image,
            "network.mode": settings.network.mode,
            "network.gateway": str(settings.network.gateway or ""),
            "network.dns": " ".join(map(str, settings.network.dns)),
            "ssh.authorized_keys": " ".join(settings.ssh.authorized_keys),
        },
        "protected": bool(host.volumes) and hypervisor.protect_database_hosts,
        "keeps_data": bool(host.volumes) and hypervisor.protect_data_volumes,
    }
