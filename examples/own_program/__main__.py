"""A program of your own that uses the components: one MariaDB host, in a Galera cluster of one that can grow later.

Run it where the package is installed (`pip install PATH-OF-THE-CHECKOUT`) or with the project's root on PYTHONPATH. The
settings are the same typed models that stack files are read into; here they come from Python, and from `config` what
differs per site: `uri`, `image`, `aptSources`, `domainType`, `poolPath`, `stackSecret`.
"""

from __future__ import annotations

import json
import os
from ipaddress import IPv4Address, IPv4Network

import pulumi

from components import ComponentArgs, GaleraCluster, Host, HostArgs, LibvirtSite, LibvirtSiteArgs
from plan import make_plan
from plan.context import Context
from plan.secrets import Secrets
from settings.databases import Account, Database
from settings.hosts import HostSettings
from settings.hypervisor import Hypervisor
from settings.kinds.galera.model import Galera
from settings.network import Network
from settings.packages import Packages
from settings.stack import Stack

config = pulumi.Config()
settings = Stack(
    network=Network(cidr=IPv4Network("172.16.21.0/24"), gateway=IPv4Address("172.16.21.1"), mode="open"),
    hypervisor=Hypervisor(
        uri=config.require("uri"),
        image=config.require("image"),
        domain_type="kvm" if config.get("domainType") == "kvm" else "qemu",
        pool_path=config.get("poolPath") or "/var/lib/libvirt/own-program",
        protect_data_volumes=False,
        protect_database_hosts=False,
    ),
    packages=Packages(apt_sources=tuple(config.get_object("aptSources") or [])),
    hosts={"db1": HostSettings(address=IPv4Address("172.16.21.10"))},
    components={"orders": Galera(members=("db1",))},
    databases={"app": Database(accounts={"app": Account()})},
)
# The components wrap what is secret; the plan needs the text to derive keys that are known before the first boot.
secret = json.loads(os.environ["PULUMI_CONFIG"])["own-program:stackSecret"]
context = Context(
    stack=pulumi.get_stack(), settings=settings, secrets=Secrets(stack=pulumi.get_stack(), stack_secret=secret)
)
plan = make_plan(context)

site = LibvirtSite("own", LibvirtSiteArgs(hypervisor=settings.hypervisor, network=settings.network))
db1 = Host(
    "own-db1",
    HostArgs(
        plan=plan.hosts["db1"],
        machine=settings.hosts["db1"],
        ssh=settings.ssh,
        site=site,
        admin_key=context.secrets.ssh_key("admin-ssh-key"),
        host_key=context.secrets.ssh_key("ssh-host-key", "db1"),
    ),
)
GaleraCluster("own-orders", ComponentArgs(plan=plan.components["orders"], hosts={"db1": db1}))
pulumi.export("address", db1.plan.address)
