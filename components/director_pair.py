"""Two (or more) directors: keepalived holds the VIP, LVS forwards to the real servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.host import Host
from components.step_chain import chain
from plan.model import Step


@dataclass(frozen=True, kw_only=True)
class DirectorPairArgs:
    """A pair.

    Attributes:
        steps: `plan.steps.director_steps` of the stack.
        hosts: the directors by name.
        after: steps that must be done before clients are let in, by name (the real servers').
        vip: the address that clients use.
    """

    steps: tuple[Step, ...]
    hosts: Mapping[str, Host]
    after: Mapping[str, pulumi.Resource]
    vip: str


class DirectorPair(pulumi.ComponentResource):
    """Starts the directors, the one of lower priority first. It deliberately knows nothing of what it forwards to."""

    vip: pulumi.Output[str]
    """The address that clients use, known once both directors serve."""

    def __init__(self, name: str, args: DirectorPairArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mariadb-ha:index:DirectorPair", name, None, opts)
        steps = chain(name, args.steps, args.hosts, parent=self, before=args.after)
        last = list(steps.values())[-1]
        self.vip = pulumi.Output.all(last.urn).apply(lambda _: args.vip)
        self.register_outputs({"vip": self.vip})
