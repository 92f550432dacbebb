"""A Galera cluster on hosts that carry its files: bootstrap, accounts, joins, and real servers in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.host import Host
from components.step_chain import chain
from plan.model import Step


@dataclass(frozen=True, kw_only=True)
class GaleraClusterArgs:
    """A cluster.

    Attributes:
        steps: `plan.steps.galera_steps` of the stack.
        hosts: the cluster's hosts by name.
    """

    steps: tuple[Step, ...]
    hosts: Mapping[str, Host]


class GaleraCluster(pulumi.ComponentResource):
    """Ordered steps to a serving cluster. It deliberately does not route clients: `DirectorPair` does."""

    steps: dict[str, pulumi.Resource]
    """The steps by name; whoever needs a serving cluster waits for all of them."""

    def __init__(self, name: str, args: GaleraClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mariadb-ha:index:GaleraCluster", name, None, opts)
        self.steps = chain(name, args.steps, args.hosts, parent=self, before={})
        self.register_outputs({})
