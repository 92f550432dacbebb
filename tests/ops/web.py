"""A healthy web pair in facts, as its `up` gives it; tests change one thing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ops.hosts.facts import Clock, HostFacts
from ops.inventory import Inventory, parse
from ops.kinds.web.component import Nginx
from ops.roles.agent import Agent
from ops.roles.vrrp import VrrpLog
from ops.status.look import Status, status_of
from tests.ops.stack import parts

VIP = "172.16.21.60"
OK = "ok: nginx answers"


def inventory_data() -> dict[str, Any]:
    """The inventory file's content."""
    endpoint = {"host": VIP, "port": 80}

    def host(address: str, priority: int) -> dict[str, Any]:
        return {"address": address, "roles": ["web"], "provisioner": "bare-metal", "priority": priority}

    return {
        "contract_version": 1,
        "stack": "web",
        "system": "web",
        "drills": "allowed",
        "endpoints": {"web": endpoint},
        "components": {
            "web": {
                "kind": "web",
                "hosts": ["web1", "web2"],
                "endpoints": {"web": endpoint},
                "members": ["web1", "web2"],
                "vips": [VIP],
                "port": 80,
                "tls_port": None,
                "url": f"http://{VIP}/",
                "agent_port": 9200,
                "check_interval_s": 3,
                "upstream": [],
                "vrrp": {"preempt": True, "preempt_delay_s": 5},
            }
        },
        "hosts": {"web1": host("172.16.21.61", 100), "web2": host("172.16.21.62", 90)},
        "promised_write_gap_s": {"web-stop": 4.0, "director-stop": 0.49, "director-kill": 1.09, "vrrp-blocked": 1.0},
        "access": {"run": [], "power": ["lab/power"], "client_addresses": []},
    }


def inventory() -> Inventory:
    """The inventory."""
    return parse(inventory_data(), "test")


def facts() -> dict[str, HostFacts]:
    """A healthy pair: web1 has the VIP."""
    units = {"nginx": "active", "keepalived": "active", "mariadb-ha-agent": "active"}

    def host(name: str, *more: str, log: str, where: str) -> HostFacts:
        address = inventory().hosts[name].address
        return HostFacts(
            host=name,
            reached=True,
            addresses={"lo": ("127.0.0.1",), "eth0": (address, *more)},
            units=units,
            clock=Clock(off_s=0.0, synced=True),
            parts=parts(Nginx(version="1.22.1", log=""), VrrpLog(state=log), Agent(status=200, words=f"{OK}; {where}")),
        )

    return {
        "web1": host("web1", VIP, log="MASTER", where="holds the VIP"),
        "web2": host("web2", log="BACKUP", where="stands by"),
    }


def looked(**hosts: Any) -> Status:
    """What follows from the facts, with changes by host."""
    found = facts()
    for host, change in hosts.items():
        if isinstance(change, HostFacts):
            found[host] = change
        else:
            mine = {**found[host].parts, **parts(*change.get("parts", ()))}
            found[host] = replace(found[host], **{**change, "parts": mine})
    return status_of(inventory(), found)
