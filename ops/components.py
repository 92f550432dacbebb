"""The components of a stack, each as its kind sees it."""

from __future__ import annotations

from collections.abc import Mapping

from ops.component import Component, FaultKind
from ops.hosts.facts import HostFacts
from ops.inventory import Inventory
from ops.kinds import KINDS
from ops.status.finding import Finding


class Unknown(Component):
    """A component of a kind that is not registered here: nothing is known of it, and that is said."""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        return [
            Finding(
                host="stack",
                what=f"the component {self.name} is of the kind {self.entry.kind}, which this hactl does not know",
                follows="nothing can be said of it",
                todo="use the checkout, or the program, that made the stack",
                severity="unknown",
            )
        ]


def components_of(inventory: Inventory) -> dict[str, Component]:
    """All components by name; what clients are forwarded to, or what is followed, comes first.

    Raises:
        OpsError: what the inventory says of one cannot be used.
    """
    found: dict[str, Component] = {}
    left = dict(inventory.components)
    while left:
        for name in [name for name, entry in left.items() if not left.keys() & set(entry.stands_on)] or list(left):
            entry = left.pop(name)
            kind = KINDS.get(entry.kind, Unknown)
            found[name] = kind(name, entry, inventory, found.get(entry.forwards_to or entry.follows or ""))
    return found


def fault_kinds() -> dict[str, FaultKind]:
    """Every fault that a registered kind knows, by name."""
    return {fault.name: fault for kind in KINDS.values() for fault in kind.faults}
