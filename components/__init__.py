"""Pulumi components of mariadb-ha. They know order and dependency; they hold no text of configuration files."""

from components.balancer_pair import BalancerPair
from components.bare_metal import BareMetalSite
from components.component import ComponentArgs, PlannedComponent
from components.director_pair import DirectorPair
from components.drbd_pair import DrbdPair
from components.galera_cluster import GaleraCluster
from components.host import Host, HostArgs
from components.master_master_pair import MasterMasterPair
from components.replica_set import ReplicaSet
from components.site import LibvirtSite, LibvirtSiteArgs
from components.web_pair import WebPair

__all__ = [
    "BalancerPair",
    "BareMetalSite",
    "ComponentArgs",
    "DirectorPair",
    "DrbdPair",
    "GaleraCluster",
    "Host",
    "HostArgs",
    "LibvirtSite",
    "LibvirtSiteArgs",
    "MasterMasterPair",
    "PlannedComponent",
    "ReplicaSet",
    "WebPair",
]
