"""The kind `replicas`: servers that follow another component's, in the order in which they come to serve."""

from __future__ import annotations

import json
from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Step
from plan.programs import program_path
from plan.role import Role
from plan.roles.replica import STEP, followed_role, replica_role
from settings.kinds.replicas.model import Replicas


def plan_replicas(
    context: Context, name: str, replicas: Replicas, before: Mapping[str, ComponentPlan]
) -> ComponentPlan:
    """The replicas' plan.

    Raises:
        ValueError: there is nothing to follow; settings refuse that before.
    """
    source = context.settings.source_of(name)
    followed = before[source.component] if source else None
    if source is None or followed is None or followed.replication is None:
        raise ValueError(f"{name}: there is nothing to follow")
    hosts = context.live(replicas.servers())
    roles: dict[str, tuple[Role, ...]] = {
        host: (replica_role(context, name, host, replicas, source),) for host in hosts
    }
    giver = followed_role(context, name, replicas, source) if hosts else None
    stdin = json.dumps(
        {
            "user": followed.replication.user,
            "password": followed.replication.password,
            "clone_password": context.secrets.password("clone-password", name),
        }
    )
    steps: list[Step] = []
    for host in hosts:
        up = Step(
            component=name,
            name=f"up-{host}",
            host=host,
            command=program_path("replica-up"),
            delivers=STEP,
            waits_for=tuple(step.id for step in steps[-1:]) or followed.ready,
        )
        command = program_path("replica-follow")
        steps += [
            up,
            Step(component=name, name=f"follow-{host}", host=host, command=command, stdin=stdin, waits_for=(up.id,)),
        ]
    alone = hosts and not context.settings.fronts(name)
    entry = {"reader": Endpoint(host=context.address(hosts[0]), port=replicas.port)} if alone else {}
    return ComponentPlan(
        name=name,
        kind=Replicas.kind,
        system="replicas",
        roles={**roles, **(dict.fromkeys(context.live(source.members), (giver,)) if giver else {})},
        steps=tuple(steps),
        ready=tuple(step.id for step in steps[-1:]),
        endpoints=entry,
        outputs={
            "replicas": list(hosts),
            "follows": source.component,
            "source_vip": str(source.vip),
            "port": replicas.port,
            "agent_port": replicas.agent_port,
            "max_lag_s": replicas.max_lag_s,
        },
        rolled=STEP,
    )
