"""From settings to plan: one function, no side effects."""

from __future__ import annotations

from plan.base import base_role
from plan.context import Context
from plan.kinds import KINDS
from plan.model import ComponentPlan, File, HostPlan, Plan
from plan.role import merge


def component_plans(context: Context) -> dict[str, ComponentPlan]:
    """Components in an order in which each comes after those that it stands on.

    Raises:
        ValueError: two components want different things of one file or one disk of a host; or each stands on the other.
    """
    found: dict[str, ComponentPlan] = {}
    settings = context.settings
    left = list(settings.components)
    while left:
        ready = [name for name in left if not set(settings.behind(name)) & set(left)]
        if not ready:
            raise ValueError(f"{', '.join(left)} stand on each other")
        for name in ready:
            section = settings.components[name]
            found[name] = KINDS[section.kind](context, name, section, found)
        left = [name for name in left if name not in found]
    return found


def host_plan(context: Context, host: str, components: dict[str, ComponentPlan]) -> HostPlan:
    """Everything that one host gets."""
    own = [role for component in components.values() for role in component.roles.get(host, ())]
    names = tuple(dict.fromkeys(role.name for role in own))
    merged = merge(host, (base_role(context, host, names), *own))
    lists = (
        File(path="/etc/mariadb-ha/packages", content=_lines(merged.packages), on_change=("packages", "provision")),
        File(path="/etc/mariadb-ha/units", content=_lines(merged.units), on_change=("provision",)),
    )
    return HostPlan(
        name=host,
        address=context.address(host),
        mac=context.mac(host),
        interface=context.interface(host),
        roles=names,
        packages=merged.packages,
        files=(*merged.files, *lists),
        units=merged.units,
        volumes=merged.volumes,
        needs=tuple(role.needs for role in own if role.needs),
    )


def _lines(names: tuple[str, ...]) -> str:
    return "".join(f"{name}\n" for name in names)


def make_plan(context: Context) -> Plan:
    """The whole stack's plan."""
    components = component_plans(context)
    return Plan(
        stack=context.stack,
        system="-".join(dict.fromkeys(component.system for component in components.values())),
        hosts={host: host_plan(context, host, components) for host in context.hosts},
        components=components,
    )
