"""A kind from outside: a host that shows a message of the day. No file of the house knows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from components import PlannedComponent
from components import kinds as component_kinds
from ops import kinds as ops_kinds
from ops.component import Component
from ops.hosts.facts import HostFacts
from plan import kinds as plan_kinds
from plan.context import Context
from plan.model import ComponentPlan, File, Step
from plan.role import Role
from settings import kinds as settings_kinds
from settings.section import Section


class Motd(Section):
    """A message of the day."""

    kind: ClassVar[str] = "motd"
    about: ClassVar[str] = "A message of the day."

    members: tuple[str, ...] = Field(min_length=1, description="Hosts that show it.")
    text: str = Field(default="Welcome.", description="The message.")

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The hosts by key path."""
        yield from ((f"{name}.members[{index}]", host) for index, host in enumerate(self.members))


def plan_motd(context: Context, name: str, motd: Motd, before: Mapping[str, ComponentPlan]) -> ComponentPlan:
    """One file and one step on each host."""
    hosts = context.live(motd.members)
    role = Role(name="motd", files=(File(path="/etc/motd", content=f"{motd.text}\n"),))
    return ComponentPlan(
        name=name,
        kind=Motd.kind,
        system="motd",
        roles=dict.fromkeys(hosts, (role,)),
        steps=tuple(Step(component=name, name=f"show-{host}", host=host, command="cat /etc/motd") for host in hosts),
        outputs={"text": motd.text},
    )


class MotdBoard(PlannedComponent):
    """Shows the message once. It deliberately does not change it."""

    type_name = "mariadb-ha:index:MotdBoard"


class Motds(Component):
    """As `hactl` shows it: one line."""

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[str]:
        """See `Component.report`."""
        hosts = ", ".join(host for host in self.entry.hosts if facts[host].reached)
        yield f"{self.name}: {self.entry.details['text']} ({hosts})"


def register() -> None:
    """Make the kind known to every room."""
    settings_kinds.register(Motd)
    plan_kinds.register("motd", plan_motd)
    component_kinds.register("motd", MotdBoard)
    ops_kinds.register("motd", Motds)
