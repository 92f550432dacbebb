"""The registry of kinds, as far as Pulumi goes: one line for each."""

from __future__ import annotations

from components.balancer_pair import BalancerPair
from components.component import PlannedComponent
from components.director_pair import DirectorPair
from components.drbd_pair import DrbdPair
from components.galera_cluster import GaleraCluster
from components.master_master_pair import MasterMasterPair
from components.replica_set import ReplicaSet
from components.web_pair import WebPair

KINDS: dict[str, type[PlannedComponent]] = {}


def register(kind: str, component: type[PlannedComponent]) -> None:
    """Make a kind known to the components. Raises ValueError for a name that is taken."""
    if KINDS.setdefault(kind, component) is not component:
        raise ValueError(f"there is a kind {kind} already")


register("galera", GaleraCluster)
register("master_master", MasterMasterPair)
register("replicas", ReplicaSet)
register("balancers", BalancerPair)
register("drbd", DrbdPair)
register("directors", DirectorPair)
register("web", WebPair)
