"""One disk on two hosts, kept alike by DRBD, with a VIP and MariaDB on the one that is Primary."""

from __future__ import annotations

from components.component import PlannedComponent


class DrbdPair(PlannedComponent):
    """Ordered steps to a pair of which one host serves. It deliberately makes no cluster file system, and never two
    Primaries.
    """

    type_name = "mariadb-ha:index:DrbdPair"
