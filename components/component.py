"""What every component is: its plan's steps as Pulumi resources, an explicit `depends_on` chain, each step keyed to the
machine it ran on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi

from components.host import Host
from components.ssh import STEP_TIMEOUT, remote_command
from plan.model import ComponentPlan, Step


@dataclass(frozen=True, kw_only=True)
class ComponentArgs:
    """One component on hosts that carry its files.

    Attributes:
        plan: `plan.components[NAME]` of the stack.
        hosts: the stack's hosts by name; those that the plan does not mention are not looked at.
        before: steps of the components that it stands before, by id; its own steps may wait for them.
    """

    plan: ComponentPlan
    hosts: Mapping[str, Host]
    before: Mapping[str, pulumi.Resource] = field(default_factory=dict)


class PlannedComponent(pulumi.ComponentResource):
    """Ordered steps until the component serves.

    A kind's own class says its type and what it deliberately does not do.
    """

    type_name: ClassVar[str]
    """Pulumi's type token of the class."""
    steps: dict[str, pulumi.Resource]
    """The steps by id; whoever needs the component waits for all of them."""

    def __init__(self, name: str, args: ComponentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.type_name, name, None, opts)
        self.steps = _chain(name, args, parent=self)
        self.register_outputs(self.declare(args.plan))

    def declare(self, plan: ComponentPlan) -> dict[str, pulumi.Output[str]]:
        """Outputs of the component, known once it serves."""
        return {}


def _chain(name: str, args: ComponentArgs, *, parent: pulumi.Resource) -> dict[str, pulumi.Resource]:
    """The component's steps by id, in an order in which each comes after those it waits for."""
    done = dict(args.before)
    made: dict[str, pulumi.Resource] = {}
    hosts = {host: args.hosts[host] for host in args.plan.hosts}
    # A node that joins needs every node's firewall and agent, so each step waits for the files of all hosts.
    files = [resource for host in hosts.values() for resource in host.delivered]
    for step in args.plan.steps:
        host = hosts[step.host]
        made[step.id] = done[step.id] = remote_command(
            f"{name}-{step.name}",
            access=host.machine.access,
            program=step.command,
            stdin=_stdin(step, host),
            triggers=[host.machine.identity],
            opts=pulumi.ResourceOptions(
                parent=parent,
                depends_on=[*files, *(done[wait] for wait in step.waits_for)],
                custom_timeouts=pulumi.CustomTimeouts(create=STEP_TIMEOUT, update=STEP_TIMEOUT),
            ),
        )
    return made


def _stdin(step: Step, host: Host) -> pulumi.Output[str] | None:
    if step.delivers is not None:
        return host.manifest(step.delivers)
    return None if step.stdin is None else pulumi.Output.secret(step.stdin)
