"""A healthy stack in facts and in text, as S1 gives it; tests change one thing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ops.hosts.facts import Clock, HostFacts
from ops.inventory import Inventory, parse
from ops.kinds.galera.wsrep import Wsrep
from ops.roles.agent import Agent
from ops.roles.ipvs import Ipvs, RealServer, VirtualService
from ops.roles.mariadb import Server
from ops.roles.real_server import DirectRouting
from ops.roles.vrrp import VrrpLog
from ops.status.look import Status, status_of

UUID = "6b2f3f34-5d0b-11ef-a0a3-3b3f4d1a2c11"
VIP = "172.16.21.188"


def inventory_data() -> dict[str, Any]:
    """The inventory file's content."""

    def host(address: str, *roles: str, **more: Any) -> dict[str, Any]:
        common = {"ssh_user": "debian", "ssh_port": 22, "provisioner": "libvirt", "interface": "eth0"}
        return {"address": address, "roles": list(roles), **common, **more}

    endpoint = {"host": VIP, "port": 3306}
    vrrp = {"virtual_router_id": 51, "vrrp_version": 3, "advert_int_s": 0.3, "preempt": True, "preempt_delay_s": 15}
    cluster = {"cluster_name": "c", "size": 3, "routing": "all-nodes", "reference_node": "mdb1", "agent_port": 9200}
    nodes, real_servers = ["mdb1", "mdb2", "mdb3"], ["mdb2", "mdb3"]
    return {
        "contract_version": 1,
        "stack": "dev",
        "system": "galera-lvs",
        "drills": "allowed",
        "vip": VIP,
        "writer": endpoint,
        "reader": endpoint,
        "endpoints": {"writer": endpoint, "reader": endpoint},
        # Pulumi gives keys in the order of the alphabet.
        "components": {
            "directors": {
                "kind": "directors",
                "hosts": ["ha1", "ha2", *real_servers],
                "endpoints": {"writer": endpoint, "reader": endpoint},
                "directors": ["ha1", "ha2"],
                "real_servers": real_servers,
                "forwards_to": "galera",
                "vips": [VIP],
                "port": 3306,
                "vrrp": vrrp,
            },
            "galera": {
                "kind": "galera",
                "hosts": nodes,
                "endpoints": {},
                **cluster,
                "port": 3306,
                "nodes": nodes,
                "serving": real_servers,
            },
        },
        "hosts": {
            "ha1": host("172.16.21.201", "director", priority=100, domain="dev-ha1"),
            "ha2": host("172.16.21.202", "director", priority=99, domain="dev-ha2"),
            "mdb1": host("172.16.21.180", "galera", "reference", domain="dev-mdb1"),
            "mdb2": host("172.16.21.181", "galera", "realserver", domain="dev-mdb2"),
            "mdb3": host("172.16.21.182", "galera", "realserver", domain="dev-mdb3"),
        },
        "databases": {"app": {"name": "app", "accounts": {"app": {"username": "app", "host": "%"}}}},
        "galera": {**cluster, "port": 3306},
        "vrrp": vrrp,
        "promised_write_gap_s": {
            "director-stop": 0.48,
            "director-kill": 1.08,
            "realserver-stop": 1.5,
            "realserver-kill": 3.5,
        },
        "hypervisor": {"uri": "qemu+unix:///system?socket=/run/x"},
        "access": {
            "run": [],
            "client_addresses": [],
            "ssh_key": ".state/dev/id_ed25519",
            "known_hosts": ".state/dev/known_hosts",
        },
    }


def without_directors() -> dict[str, Any]:
    """The same of the cluster alone: clients go to a node."""
    data = inventory_data()
    node = {"host": "172.16.21.181", "port": 3306}
    del data["components"]["directors"], data["hosts"]["ha1"], data["hosts"]["ha2"]
    data["components"]["galera"]["endpoints"] = data["endpoints"] = {"writer": node, "reader": node}
    return data


def inventory() -> Inventory:
    """The inventory."""
    return parse(inventory_data(), "test")


def wsrep(**changes: str) -> Wsrep:
    """A synced node's figures; `first_…` changes the first sample only."""
    figures = {
        "cluster_state_uuid": UUID,
        "cluster_conf_id": "7",
        "cluster_size": "3",
        "cluster_status": "Primary",
        "ready": "ON",
        "connected": "ON",
        "local_state": "4",
        "local_state_comment": "Synced",
        "flow_control_paused": "0.0",
        "flow_control_paused_ns": "1000",
        "cert_deps_distance": "3.1",
        "flow_control_sent": "0",
        "local_recv_queue": "0",
        "local_recv_queue_avg": "0.02",
        "local_send_queue_avg": "0.0",
        "local_cert_failures": "0",
        "local_bf_aborts": "0",
        "local_commits": "5000",
    }
    variables = {"read_only": "OFF", "wsrep_reject_queries": "NONE", "version": "10.11.6-MariaDB"}
    first = dict(figures)
    for name, value in changes.items():
        if name in variables:
            variables[name] = value
        elif name.startswith("first_"):
            first[name.removeprefix("first_")] = value
        else:
            figures[name] = value
    samples = [{f"wsrep_{name}": value for name, value in sample.items()} for sample in (first, figures)]
    return Wsrep(first=samples[0], last=samples[1], variables=variables)


def table(*weights: tuple[str, int]) -> Ipvs:
    """An IPVS table with these real servers."""
    servers = tuple(
        RealServer(address=a, port=3306, forward="Route", weight=w, active=0, inactive=0) for a, w in weights
    )
    service = VirtualService(host=VIP, port=3306, scheduler="rr", flags="persistent 50", servers=servers)
    return Ipvs(services=(service,))


def parts(*found: object) -> dict[type, Any]:
    """As `HostFacts` has them."""
    return {type(part): part for part in found}


WHOLE_TABLE = table(("172.16.21.181", 1), ("172.16.21.182", 1))


def facts() -> dict[str, HostFacts]:
    """A healthy stack."""
    clock = Clock(off_s=0.0, synced=True)

    def director(host: str, *more: str, log: str) -> HostFacts:
        address = inventory().hosts[host].address
        links = {"lo": ("127.0.0.1",), "eth0": (address, *more)}
        return HostFacts(
            host=host,
            reached=True,
            addresses=links,
            units={"keepalived": "active", "mariadb-ha-ipvs-sync": "active", "mariadb-ha-drain-watch": "active"},
            clock=clock,
            parts=parts(WHOLE_TABLE, VrrpLog(state=log)),
        )

    def node(host: str, *, real: bool) -> HostFacts:
        units = {"mariadb": "active", "mariadb-ha-agent": "active"} | ({"mariadb-ha-lvsdr": "active"} if real else {})
        lo = ("127.0.0.1", VIP) if real else ("127.0.0.1",)
        return HostFacts(
            host=host,
            reached=True,
            addresses={"lo": lo, "eth0": (inventory().hosts[host].address,)},
            units=units,
            clock=clock,
            parts=parts(
                wsrep(), Server(), Agent(status=200, words="ok: Synced"), *([DirectRouting(code=0)] if real else [])
            ),
        )

    return {
        "ha1": director("ha1", VIP, log="MASTER"),
        "ha2": director("ha2", log="BACKUP"),
        "mdb1": node("mdb1", real=False),
        "mdb2": node("mdb2", real=True),
        "mdb3": node("mdb3", real=True),
    }


def changed(**hosts: Any) -> dict[str, HostFacts]:
    """A healthy stack with changes by host: a mapping of fields, or a whole HostFacts. `parts` is a list of those that
    are other ones."""
    found = facts()
    for host, change in hosts.items():
        if isinstance(change, HostFacts):
            found[host] = change
        else:
            mine = {**found[host].parts, **parts(*change.get("parts", ()))}
            found[host] = replace(found[host], **{**change, "parts": mine})
    return found


def looked(**hosts: Any) -> Status:
    """What follows from such facts."""
    return status_of(inventory(), changed(**hosts))


def unreachable(host: str) -> HostFacts:
    """A host that does not answer."""
    return HostFacts(host=host, reached=False, error="Connection timed out")
