"""The registry of kinds, as far as `hactl` goes: one line for each."""

from __future__ import annotations

from ops.component import Component
from ops.kinds.balancers.component import Balancers
from ops.kinds.directors.component import Directors
from ops.kinds.drbd.component import Drbd
from ops.kinds.galera.component import Galera
from ops.kinds.master_master.component import MasterMaster
from ops.kinds.replicas.component import Replicas
from ops.kinds.web.component import Web

KINDS: dict[str, type[Component]] = {}


def register(kind: str, component: type[Component]) -> None:
    """Make a kind known to hactl. A program of one's own does so first and then calls `ops.cli.main`.

    Raises ValueError for a name that is taken.
    """
    if KINDS.setdefault(kind, component) is not component:
        raise ValueError(f"there is a kind {kind} already")


register("galera", Galera)
register("master_master", MasterMaster)
register("replicas", Replicas)
register("balancers", Balancers)
register("drbd", Drbd)
register("directors", Directors)
register("web", Web)
