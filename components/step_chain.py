"""Ordered steps of a plan as Pulumi resources: an explicit `depends_on` chain, each step keyed to the machine it ran on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.host import Host
from components.ssh import STEP_TIMEOUT, remote_command
from plan.model import Step


def chain(
    name: str, steps: Sequence[Step], hosts: Mapping[str, Host], *, parent: pulumi.Resource, before: Mapping[str, pulumi.Resource]
) -> dict[str, pulumi.Resource]:
    """Resources by step name.

    Args:
        name: prefix of the resources' names.
        steps: in an order in which each comes after those it waits for.
        hosts: hosts by name.
        parent: the component.
        before: steps of other components that these may wait for.
    """
    done: dict[str, pulumi.Resource] = dict(before)
    made: dict[str, pulumi.Resource] = {}
    for step in steps:
        host = hosts[step.host]
        # A node that joins needs every node's firewall and agent, so each step waits for the files of all hosts.
        files = [resource for each in hosts.values() for resource in each.delivered]
        made[step.name] = done[step.name] = remote_command(
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
