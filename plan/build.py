"""From settings to plan: one function, no side effects."""

from __future__ import annotations

from plan.base import base_role
from plan.context import Context
from plan.director import director_role
from plan.galera import galera_role
from plan.model import File, HostPlan, Plan
from plan.realserver import realserver_role
from plan.role import Role, merge
from plan.steps import director_steps, galera_steps


def _roles(context: Context, host: str) -> tuple[Role, ...]:
    roles = [base_role(context, host)]
    if host in context.directors:
        roles.append(director_role(context, host))
    if host in context.galera_nodes:
        roles.append(galera_role(context, host))
    if host in context.real_servers and context.settings.directors:
        roles.append(realserver_role(context, context.settings.directors.virtual_server.port))
    return tuple(roles)


def host_plan(context: Context, host: str) -> HostPlan:
    """Everything that one host gets."""
    merged = merge(host, _roles(context, host))
    lists = (
        File(path="/etc/mariadb-ha/packages", content="".join(f"{name}\n" for name in merged.packages), on_change=("packages", "provision")),
        File(path="/etc/mariadb-ha/units", content="".join(f"{name}\n" for name in merged.units), on_change=("provision",)),
    )
    return HostPlan(
        name=host,
        address=context.address(host),
        mac=context.mac(host),
        interface=context.interface(host),
        roles=context.roles(host),
        packages=merged.packages,
        files=(*merged.files, *lists),
        units=merged.units,
        has_data=host in context.galera_nodes,
    )


def make_plan(context: Context) -> Plan:
    """The whole stack's plan."""
    return Plan(
        stack=context.stack,
        system="galera-lvs" if context.directors else "galera",
        hosts={host: host_plan(context, host) for host in context.hosts},
        steps=(*galera_steps(context), *director_steps(context)),
    )
