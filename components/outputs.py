"""The contract with application stacks: `contract_version` and its keys, only ever extended (a test pins them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.ssh import SshAccess
from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Plan
from plan.parts.accounts import account_password
from plan.parts.client_options import client_options
from plan.programs import program_path

CONTRACT_VERSION = 1
AGENT = program_path("health-agent")


def _host(context: Context, plan: Plan, host: str, access: SshAccess) -> dict[str, Any]:
    settings = context.settings
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
    for component in plan.components.values():
        entry |= component.host_outputs.get(host, {})
    return entry


def _databases(context: Context, component: str) -> dict[str, Any]:
    return {
        name: {
            "name": name,
            "accounts": {
                user: {
                    "username": user,
                    "host": account.host,
                    "password": pulumi.Output.secret(account_password(context, component, name, user)),
                }
                for user, account in database.accounts.items()
            },
        }
        for name, database in context.settings.databases.items()
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {"host": endpoint.host, "port": endpoint.port}


def _health_urls(context: Context, plan: Plan) -> dict[str, str]:
    """By host where its health agent answers: 200 it serves, 404 it must not be sent clients, 503 it cannot serve."""
    return {
        host: f"http://{context.address(host)}:{component.outputs['agent_port']}/"
        for component in plan.components.values()
        if "agent_port" in component.outputs
        for host in context.live(component.hosts)
        if any(file.path == AGENT for file in plan.hosts[host].files)
    }


def _component(component: ComponentPlan) -> dict[str, Any]:
    return {
        "kind": component.kind,
        "hosts": list(component.hosts),
        "endpoints": {purpose: _endpoint(endpoint) for purpose, endpoint in component.endpoints.items()},
        **({"promised_write_gap_s": dict(component.promises)} if component.promises else {}),
        **({"promised_read_gap_s": dict(component.read_promises)} if component.read_promises else {}),
        **component.outputs,
    }


def stack_outputs(context: Context, plan: Plan, access: Mapping[str, SshAccess]) -> dict[str, Any]:
    """All outputs of a stack by name. `access`: how each host is reached."""
    endpoints = {purpose: _endpoint(endpoint) for purpose, endpoint in plan.endpoints.items()}
    outputs: dict[str, Any] = {
        "contract_version": CONTRACT_VERSION,
        "system": plan.system,
        "drills": context.settings.drills,
        "hosts": {host: _host(context, plan, host, access[host]) for host in plan.hosts},
        "databases": {},
        "endpoints": endpoints,
        "components": {name: _component(component) for name, component in plan.components.items()},
        **{purpose: endpoint for purpose, endpoint in endpoints.items() if purpose in ("writer", "reader")},
    }
    for name, component in plan.components.items():
        outputs |= component.contract
        if name in plan.keepers[-1:]:
            outputs["databases"] = _databases(context, name)
        elif component.keeps_accounts:
            # Passwords are of a component: who connects there and not at the stack's endpoint needs its own.
            outputs["components"][name]["databases"] = _databases(context, name)
    if plan.promises:
        outputs["promised_write_gap_s"] = plan.promises
    if plan.read_promises:
        outputs["promised_read_gap_s"] = plan.read_promises
    if options := client_options(plan):
        outputs["client_options"] = options
    outputs["health_urls"] = _health_urls(context, plan)
    #: Of the servers' certificates, once there are any.
    outputs["ca_certificate"] = None
    if context.vms:
        outputs["hypervisor"] = {"uri": context.settings.hypervisor.uri}
    return outputs
