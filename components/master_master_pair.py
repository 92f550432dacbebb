"""Two MariaDB servers that replicate each other, and the VIP of their own where they have one."""

from __future__ import annotations

from components.component import PlannedComponent


class MasterMasterPair(PlannedComponent):
    """Ordered steps to a pair of which one server takes writes. It deliberately does not route clients where it has
    no VIP: `DirectorPair` does.
    """

    type_name = "mariadb-ha:index:MasterMasterPair"
