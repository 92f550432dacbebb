"""A Galera cluster on hosts that carry its files: configuration rolled, bootstrap, accounts, joins."""

from __future__ import annotations

from components.component import PlannedComponent


class GaleraCluster(PlannedComponent):
    """Ordered steps to a serving cluster. It deliberately does not route clients: `DirectorPair` does."""

    type_name = "mariadb-ha:index:GaleraCluster"
