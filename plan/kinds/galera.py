"""The kind `galera`: nodes, the order in which they come to serve, and what is said of the cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Step
from plan.parts.accounts import databases
from plan.render import LIB
from plan.role import Role
from plan.roles.galera import SST_USER, STEP, eviction, galera_role, reference
from settings.kinds.galera.model import Galera

#: Patience for one node's state transfer, in seconds: a large database takes hours (components.ssh.STEP_TIMEOUT is
#: longer).
JOIN_TIMEOUT = 21_000


def plan_galera(context: Context, name: str, galera: Galera, before: Mapping[str, ComponentPlan]) -> ComponentPlan:
    """The cluster's plan."""
    nodes, first = context.live(galera.in_order()), reference(context, galera)
    steps = _steps(context, name, nodes)
    serving = context.live(galera.serving())
    entry = (
        Endpoint(host=context.address(serving[0]), port=galera.port)
        if serving and not context.settings.fronts(name)
        else None
    )
    facts = {
        "cluster_name": galera.cluster_name,
        "size": len(nodes),
        "routing": galera.routing,
        "reference_node": first,
        "agent_port": galera.agent_port,
        "port": galera.port,
    }
    return ComponentPlan(
        name=name,
        kind=Galera.kind,
        system="galera",
        roles={
            node: (galera_role(context, name, node, galera), *((Role(name="reference"),) if node == first else ()))
            for node in nodes
        },
        steps=steps,
        ready=tuple(step.id for step in steps[-1:]),
        endpoints={"writer": entry, "reader": entry} if entry else {},
        outputs={**facts, "nodes": list(nodes), "serving": list(serving)},
        contract={"galera": facts},
        stall=eviction(context.settings.timers.evs),
        keeps_accounts=True,
        rolled=STEP,
    )


def _accounts(context: Context, name: str) -> str:
    """What `galera-accounts` reads on standard input (JSON, secret)."""
    return json.dumps(
        {
            "sst": {"user": SST_USER, "password": context.secrets.password("sst-password", name)},
            "root_password": context.secrets.password("root-password", name),
            "databases": databases(context, name),
        },
        sort_keys=True,
    )


def _steps(context: Context, name: str, nodes: tuple[str, ...]) -> tuple[Step, ...]:
    """Configuration node by node; nodes that come with data woken; then bootstrap, accounts, joins one after the other,
    the bootstrap node restarted as a normal member. On a living cluster a changed configuration rolls: only the first
    steps have something to do.
    """
    first, others = nodes[0], nodes[1:]
    steps: list[Step] = []

    def add(
        step: str,
        host: str,
        command: str,
        *,
        after: tuple[str, ...],
        stdin: str | None = None,
        delivers: str | None = None,
    ) -> None:
        program = f"{LIB}/{command}"
        steps.append(
            Step(component=name, name=step, host=host, command=program, waits_for=after, stdin=stdin, delivers=delivers)
        )

    for node in nodes:
        add(f"roll-{node}", node, "galera-roll", after=tuple(step.id for step in steps[-1:]), delivers=STEP)
    rolled = (steps[-1].id,)
    for node in others:
        add(f"wake-{node}", node, "galera-wake", after=rolled)
    add("bootstrap", first, "galera-bootstrap", after=tuple(f"{name}-wake-{node}" for node in others) or rolled)
    add("accounts", first, "galera-accounts", after=(steps[-1].id,), stdin=_accounts(context, name))
    for node in others:
        add(f"join-{node}", node, f"galera-join --timeout {JOIN_TIMEOUT}", after=(steps[-1].id,))
    add("settle", first, "galera-settle", after=(steps[-1].id,))
    return tuple(steps)
