"""What machines that go or are made anew mean to the components on them: copies of the data, votes."""

from __future__ import annotations

from collections.abc import Iterator

from ops.plan.document import Document
from ops.plan.machines import MachineChange


def component_costs(before: Document, after: Document, machines: tuple[MachineChange, ...]) -> Iterator[str]:
    """Sentences, a component's name first. Machines are made anew at the same time, not one after the other."""
    away = {machine.host for machine in machines if machine.change in ("replaced", "removed")}
    for name, component in before.components.items():
        hosts = [host for host in component.hosts if host in away]
        if not hosts:
            continue
        if component.votes:
            yield f"{name}: {votes_left(component.votes, away)}"
        left = [host for host in component.copies if host not in away]
        if len(left) < len(component.copies):
            yield f"{name}: " + (
                f"copies of the data that stay in service meanwhile: {', '.join(left)}"
                if left
                else "no copy of the data stays in service"
            )
    gone = [name for name in before.components if name not in after.components]
    yield from (f"{name}: the component is not in the settings any more" for name in gone)


def votes_left(votes: tuple[str, ...], away: set[str]) -> str:
    """Whether those that are left can take writes."""
    left = [host for host in votes if host not in away]
    words = f"{len(left)} of {len(votes)} votes are left meanwhile"
    return f"{words}: it goes on" if 2 * len(left) > len(votes) else f"{words}: no quorum, it takes no writes"
