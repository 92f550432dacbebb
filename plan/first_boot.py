"""What only a VM's first boot can set: its network."""

from __future__ import annotations

from plan.model import HostPlan
from settings.network import Network


def first_boot(plan: HostPlan, network: Network) -> dict[str, str]:
    """By setting what the first boot sets. Where one of them is another, the VM is made anew."""
    return {
        "address": plan.address,
        "mac": plan.mac,
        "network.cidr": str(network.cidr.prefixlen),
        "interface": plan.interface,
        "network.bridge": network.bridge or "own",
    }
