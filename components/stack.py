"""From a stack's settings to its resources and outputs: plan, preflight, sites, hosts, components."""

from __future__ import annotations

from typing import Any

import pulumi

from components.bare_metal import BareMetalSite
from components.component import ComponentArgs
from components.host import Host, HostArgs, LostHost, server_access
from components.kinds import KINDS
from components.outputs import stack_outputs
from components.preflight import refuse_unfit
from components.site import LibvirtSite, LibvirtSiteArgs
from plan import make_plan
from plan.context import Context
from plan.model import Plan
from settings.advice import advice


def build(context: Context, parent: pulumi.Resource | None = None) -> dict[str, Any]:
    """Declares every resource of the stack, below `parent` where there is one.

    Returns:
        The outputs by name (`components.outputs`).

    Raises:
        pulumi.RunError: a bare-metal host cannot be used as it is; all problems of all hosts, and nothing was touched.
    """
    plan = make_plan(context)
    for line in advice(context.settings):
        pulumi.log.warn(line)
    refuse_unfit(context, plan)
    hosts = make_hosts(context, plan, parent)
    done: dict[str, pulumi.Resource] = {}
    for name, component in plan.components.items():
        make = KINDS[component.kind]
        args = ComponentArgs(plan=component, hosts=hosts, before=dict(done))
        done |= make(f"{context.stack}-{name}", args, pulumi.ResourceOptions(parent=parent)).steps
    return stack_outputs(context, plan, {host: made.machine.access for host, made in hosts.items()})


def make_hosts(context: Context, plan: Plan, parent: pulumi.Resource | None = None) -> dict[str, Host]:
    """All hosts by name, made or taken over. Of lost ones only what lets the stack be destroyed without them."""
    settings, name, opts = context.settings, context.stack, pulumi.ResourceOptions(parent=parent)
    servers = BareMetalSite(
        stack=name, apt_sources=settings.packages.apt_sources, purge_data=settings.bare_metal.purge_data
    )
    vms = (
        LibvirtSite(name, LibvirtSiteArgs(hypervisor=settings.hypervisor, network=settings.network), opts)
        if context.vms
        else None
    )
    admin_key = context.secrets.ssh_key("admin-ssh-key")
    for host in context.lost:
        LostHost(
            f"{name}-{host}",
            host,
            server_access(context.address(host), settings.hosts[host], settings.ssh, admin_key),
            servers,
            opts,
        )
    return {
        host: Host(
            f"{name}-{host}",
            HostArgs(
                plan=plan.hosts[host],
                machine=settings.hosts[host],
                ssh=settings.ssh,
                site=vms if vms is not None and host in context.vms else servers,
                admin_key=admin_key,
                host_key=context.secrets.ssh_key("ssh-host-key", host) if host in context.vms else None,
                fingerprints={
                    file.path: context.secrets.fingerprint(file.content)
                    for file in plan.hosts[host].files
                    if file.secret
                },
            ),
            opts,
        )
        for host in plan.hosts
    }
