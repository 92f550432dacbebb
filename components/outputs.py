"""The contract with application stacks: `contract_version` and its keys, only ever extended (a test pins them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.ssh import SshAccess
from plan.context import Context
from plan.model import Plan
from plan.promises import promised_write_gap
from plan.steps import account_password

CONTRACT_VERSION = 1


def _host(context: Context, plan: Plan, host: str, access: SshAccess) -> dict[str, Any]:
    section, settings = context.settings.directors, context.settings
    entry: dict[str, Any] = {
        "address": context.address(host),
        "roles": list(plan.hosts[host].roles),
        "ssh_user": settings.ssh.user,
        "ssh_port": settings.ssh.port,
        "ssh_host_key": access.host_key,
        "provisioner": settings.hosts[host].provisioner,
        "interface": context.interface(host),
    }
    if host in context.vms:
        entry["domain"] = f"{context.stack}-{host}"
    if section is not None and host in section.members:
        entry["priority"] = section.members[host].priority
    return entry


def _databases(context: Context) -> dict[str, Any]:
    return {
        name: {
            "name": name,
            "accounts": {
                user: {"username": user, "host": account.host, "password": pulumi.Output.secret(account_password(context, name, user))}
                for user, account in database.accounts.items()
            },
        }
        for name, database in context.settings.databases.items()
    }


def stack_outputs(context: Context, plan: Plan, access: Mapping[str, SshAccess]) -> dict[str, Any]:
    """All outputs of a stack by name. `access`: how each host is reached."""
    settings = context.settings
    outputs: dict[str, Any] = {
        "contract_version": CONTRACT_VERSION,
        "system": plan.system,
        "hosts": {host: _host(context, plan, host, access[host]) for host in plan.hosts},
        "databases": _databases(context),
    }
    if context.vms:
        outputs["hypervisor"] = {"uri": settings.hypervisor.uri}
    if settings.galera is not None:
        galera = settings.galera
        outputs["galera"] = {
            "cluster_name": galera.cluster_name,
            "size": len(context.galera_nodes),
            "routing": galera.routing,
            "reference_node": context.reference_node,
            "agent_port": galera.agent_port,
            "port": galera.port,
        }
    if settings.directors is not None:
        section = settings.directors
        writer = {"host": str(section.vip), "port": section.virtual_server.port}
        reader = {"host": str(section.reader.vip), "port": section.reader.virtual_server.port} if section.reader else writer
        outputs |= {
            "vip": str(section.vip),
            "writer": writer,
            "reader": reader,
            "promised_write_gap_s": promised_write_gap(context),
            "vrrp": {
                "virtual_router_id": section.virtual_router_id,
                "vrrp_version": section.vrrp_version,
                "advert_int_s": settings.timers.values().advert_int,
                "preempt": section.preempt,
                "preempt_delay_s": section.preempt_delay if section.preempt else 0,
            },
        }
    return outputs
