"""Replicas that follow another component's servers and take reads."""

from __future__ import annotations

from components.component import PlannedComponent


class ReplicaSet(PlannedComponent):
    """Brings replicas up one after the other, each filled from the servers that it follows. It deliberately does not
    route clients: `BalancerPair` does.
    """

    type_name = "mariadb-ha:index:ReplicaSet"
