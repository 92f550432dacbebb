"""From facts to findings: pure, so that a table of facts can test every rule."""

from __future__ import annotations

from collections.abc import Mapping

from ops.component import Component
from ops.hosts.facts import HostFacts
from ops.inventory import Inventory
from ops.status.finding import Finding
from ops.status.history import flap_findings
from ops.status.host_findings import host_findings, not_reached
from ops.status.stranger_findings import stranger_findings

#: The gravest first.
RANK = {"problem": 0, "unknown": 1, "warning": 2}


def all_findings(
    inventory: Inventory, components: Mapping[str, Component], facts: Mapping[str, HostFacts]
) -> list[Finding]:
    """Everything that is wrong, the gravest first; of what is equally grave, what clients meet first."""
    fronts_first = list(reversed(list(components.values())))
    found = [finding for component in fronts_first for finding in component.findings(facts)]
    found += stranger_findings(inventory, facts) + flap_findings(inventory, facts)
    for host, entry in inventory.hosts.items():
        mine = [component for component in fronts_first if host in component.entry.hosts]
        if not facts[host].reached:
            lost = [words for component in mine if (words := component.lost(host))]
            found.append(not_reached(entry, facts[host], lost=lost))
            continue
        units = {unit.name: unit for component in mine for unit in component.units(host)}
        found += host_findings(facts[host], units)
        found += [finding for component in reversed(mine) for finding in component.host_findings(host, facts[host])]
    return sorted(found, key=lambda finding: (RANK[finding.severity], finding.host != "stack"))


def unknown(findings: list[Finding]) -> bool:
    """True when nothing is known to be wrong, and not everything could be told."""
    severities = {finding.severity for finding in findings}
    return "unknown" in severities and "problem" not in severities


def healthy(findings: list[Finding]) -> bool:
    """True when there is nothing but warnings."""
    return all(finding.severity == "warning" for finding in findings)
