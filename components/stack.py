"""From a stack's settings to its resources and outputs: plan, site, hosts, cluster, directors."""

from __future__ import annotations

from typing import Any

from components.director_pair import DirectorPair, DirectorPairArgs
from components.galera_cluster import GaleraCluster, GaleraClusterArgs
from components.host import Host, HostArgs
from components.outputs import stack_outputs
from components.site import LibvirtSite, LibvirtSiteArgs
from plan import make_plan
from plan.context import Context
from plan.steps import director_steps, galera_steps


def build(context: Context) -> dict[str, Any]:
    """Declares every resource of the stack.

    Returns:
        The outputs by name (`components.outputs`).
    """
    settings, name = context.settings, context.stack
    plan = make_plan(context)
    site = LibvirtSite(name, LibvirtSiteArgs(hypervisor=settings.hypervisor, network=settings.network))
    hosts = {
        host: Host(
            f"{name}-{host}",
            HostArgs(
                plan=plan.hosts[host],
                machine=settings.hosts[host],
                ssh=settings.ssh,
                site=site,
                admin_key=context.secrets.ssh_key("admin-ssh-key"),
                host_key=context.secrets.ssh_key("ssh-host-key", host),
            ),
        )
        for host in plan.hosts
    }
    cluster = GaleraCluster(
        f"{name}-galera", GaleraClusterArgs(steps=galera_steps(context), hosts={host: hosts[host] for host in context.galera_nodes})
    )
    if context.directors:
        DirectorPair(
            f"{name}-directors",
            DirectorPairArgs(
                steps=director_steps(context), hosts={host: hosts[host] for host in context.directors}, after=cluster.steps, vip=context.vips[0]
            ),
        )
    return stack_outputs(context, plan)
