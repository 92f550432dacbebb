"""One look at a stack: what all hosts say, what follows from it, and the answer as one object for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ops.component import Component
from ops.components import components_of
from ops.hosts.facts import HostFacts
from ops.hosts.gather import gather
from ops.hosts.shell import Shell
from ops.inventory import Inventory
from ops.status.finding import Finding
from ops.status.findings import all_findings, healthy, unknown
from ops.status.history import Changes, server_changes, vip_changes


@dataclass(frozen=True, kw_only=True)
class Status:
    """Facts of all hosts and what follows from them."""

    inventory: Inventory
    components: Mapping[str, Component]
    facts: Mapping[str, HostFacts]
    findings: list[Finding]

    @property
    def healthy(self) -> bool:
        """True when nothing is wrong but warnings."""
        return healthy(self.findings)

    @property
    def unknown(self) -> bool:
        """True when nothing is known to be wrong, and some host's state could not be had."""
        return unknown(self.findings)

    @property
    def reached(self) -> int:
        """How many hosts answered."""
        return sum(facts.reached for facts in self.facts.values())

    def versions(self) -> dict[str, str]:
        """Versions of what the stack is made of, by name."""
        found: dict[str, set[str]] = {}
        for component in self.components.values():
            for name, versions in component.versions(self.facts).items():
                found[name] = found.get(name, set()) | versions
        return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def status_of(inventory: Inventory, facts: Mapping[str, HostFacts]) -> Status:
    """What follows from what the hosts said."""
    components = components_of(inventory)
    findings = all_findings(inventory, components, facts)
    return Status(inventory=inventory, components=components, facts=facts, findings=findings)


def look(inventory: Inventory, shell: Shell) -> Status:
    """The state of the stack now."""
    return status_of(inventory, gather(inventory, components_of(inventory), shell))


def look_closer(status: Status, shell: Shell) -> Status:
    """The same, and what hosts have to be asked for once more."""
    more = [
        finding for component in status.components.values() for finding in component.closer_look(status.facts, shell)
    ]
    return replace(status, findings=[*status.findings, *more])


def _host_json(
    inventory: Inventory, components: Mapping[str, Component], facts: HostFacts, changes: Changes
) -> dict[str, Any]:
    entry = inventory.hosts[facts.host]
    said: dict[str, Any] = {"address": entry.address, "roles": list(entry.roles), "reached": facts.reached}
    if not facts.reached:
        return said | {"slow": facts.unknown, "error": facts.error}
    said |= {"units": facts.units, "clock": asdict(facts.clock), "draining": facts.draining}
    said |= {"volumes": {point: asdict(volume) for point, volume in facts.volumes.items()}}
    said |= {"memory": asdict(facts.memory) if facts.memory else None, "out_of_service": changes.as_json()}
    for component in components.values():
        if facts.host in component.entry.hosts:
            said |= component.host_json(facts.host, facts)
    return said


def as_json(inventory: Inventory, status: Status) -> dict[str, Any]:
    """One object: healthy or not, VIP holders and how often each VIP changed hands in the last hour, problems, and
    every host's facts."""
    holders: dict[str, list[str]] = {}
    for component in status.components.values():
        holders |= component.vip_holders(status.facts)
    servers = server_changes(inventory, status.facts)
    return {
        "stack": inventory.stack,
        "healthy": status.healthy,
        "unknown": status.unknown,
        "vip_holders": holders,
        "vip_changes": {vip: changes.as_json() for vip, changes in vip_changes(status.facts).items()},
        "problems": [finding.as_json() for finding in status.findings],
        "hosts": {
            host: _host_json(inventory, status.components, facts, servers[host]) for host, facts in status.facts.items()
        },
    }
