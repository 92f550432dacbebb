"""What is wrong with a host's firewall."""

from __future__ import annotations

from ops.hosts.facts import HostFacts
from ops.status.finding import Finding


def firewall_findings(facts: HostFacts) -> list[Finding]:
    """A rule set that is not in force, or will not be after the next boot. A host that says nothing of it is of an
    earlier version.
    """
    firewall = facts.firewall
    if firewall is None:
        return []
    if firewall.loaded is None:
        return [
            Finding(
                host=facts.host,
                what="nft does not say which rules are in force",
                follows="whether its ports are guarded could not be told",
                todo="sudo nft list table inet mariadb_ha, on that host",
                severity="unknown",
            )
        ]
    if not firewall.loaded:
        return [
            Finding(
                host=facts.host,
                what="the stack's firewall is not loaded",
                follows="every port of it is open to whoever reaches the host",
                todo="sudo systemctl reload-or-restart nftables, on that host; what it says where that fails:"
                " journalctl -u nftables",
            )
        ]
    if not firewall.at_boot:
        return [
            Finding(
                host=facts.host,
                what="nftables.service is not started at boot",
                follows="after the next boot every port is open to whoever reaches the host",
                todo="sudo systemctl enable nftables, on that host",
                severity="warning",
            )
        ]
    return []
