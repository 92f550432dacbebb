"""Pulumi components of mariadb-ha. They know order and dependency; they hold no text of configuration files."""

from components.bare_metal import BareMetalSite
from components.director_pair import DirectorPair, DirectorPairArgs
from components.galera_cluster import GaleraCluster, GaleraClusterArgs
from components.host import Host, HostArgs
from components.site import LibvirtSite, LibvirtSiteArgs

__all__ = ["BareMetalSite", "DirectorPair", "DirectorPairArgs", "GaleraCluster", "GaleraClusterArgs", "Host", "HostArgs", "LibvirtSite", "LibvirtSiteArgs"]
