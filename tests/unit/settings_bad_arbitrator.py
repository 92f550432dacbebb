"""Bad configurations of two Galera nodes, an arbitrator and a VIP of their own: as in `settings_bad`."""

from __future__ import annotations

from typing import Any

from tests.unit.settings_config import GONE, metal

Case = tuple[dict[str, Any], str, tuple[str, ...]]

VIP = "172.16.21.75"
#: Two nodes, an arbitrator on a host of its own, and a VIP; nothing else of GOOD but its hosts.
PAIR: dict[str, Any] = {"members": ["mdb2", "mdb3"], "arbitrator": "mdb1", "vip": VIP, "virtual_router_id": 75}
_ALONE: dict[str, Any] = {"directors": GONE, "hosts.ha1": GONE, "hosts.ha2": GONE}


def _cluster(*without: str, **changes: Any) -> dict[str, Any]:
    kept = {key: value for key, value in PAIR.items() if key not in without}
    return {**_ALONE, "galera": {**kept, **changes}}


ARBITRATOR: dict[str, Case] = {
    "on a data node": (_cluster(arbitrator="mdb2"), "galera.arbitrator", ("mdb2 is also in", "two votes at once")),
    "three nodes and one more vote": (
        {"galera.arbitrator": "ha1"}, "galera.arbitrator", ("3 nodes and an arbitrator", "even number", "Remove it")),
    "two nodes, no arbitrator": (
        _cluster("arbitrator"), "galera.members", ("even number of voters", "galera.arbitrator")),
    "four nodes, no arbitrator": (
        {"galera": {"members": ["mdb1", "mdb2", "mdb3", "ha1"]}}, "galera.members",
        ("4 nodes are an even number", "5 nodes, or", "galera.arbitrator")),
    "one node and an arbitrator": (
        _cluster(members=["mdb2"]), "galera.members", ("arbitrator holds no data", "two nodes beside")),
    "neither a VIP nor directors": (
        _cluster("vip", "virtual_router_id"), "galera.vip", ("nothing stands before", "clients go on dialling")),
    "a VIP and directors": (
        {"galera": {**PAIR, "arbitrator": "ha1"}}, "galera.vip", ("directors stand before", "two ways")),
    "an unknown host": (_cluster(arbitrator="mdb9"), "galera.arbitrator", ("there is no host mdb9", "mean mdb")),
    "group of the pair beside it": (
        {**_ALONE, "hosts.db1": {"address": "172.16.21.51"}, "hosts.db2": {"address": "172.16.21.52"},
         "galera": PAIR, "master_master": {
             "vip": "172.16.21.50", "virtual_router_id": 75, "members": {"db1": {}, "db2": {}}}},
        "master_master.virtual_router_id", ("75 is also galera.virtual_router_id",)),
    "the default group of the directors beside it": (
        {"hosts.db1": {"address": "172.16.21.51"}, "hosts.db2": {"address": "172.16.21.52"},
         "galera": {**PAIR, "arbitrator": "ha1", "virtual_router_id": 51},
         "master_master": {"members": {"db1": {}, "db2": {}}}, "directors.backend_component": "master_master"},
        "directors.virtual_router_id", ("51 is also galera.virtual_router_id",)),
    "VIP of a host": (_cluster(vip="172.16.21.181"), "galera.vip", ("172.16.21.181",)),
    "VIP on another link": (_cluster(vip="10.0.0.1"), "galera.vip", ("outside network.cidr",)),
    "a reference node beside one that serves": (
        _cluster(reference_node="mdb3"), "galera.vip", ("only mdb2 could hold it", "Leave out reference_node")),
    "all nodes behind one VIP": (_cluster(routing="all-nodes"), "galera.routing", ("contradicts galera.vip",)),
    "VRRP without a VIP": (
        {"galera.virtual_router_id": 75}, "galera.virtual_router_id", ("no galera.vip", "routing decides")),
    "preemption without a VIP": ({"galera.preempt": True}, "galera.preempt", ("no galera.vip",)),
    "a delay of no preemption": (_cluster(preempt_delay=20), "galera.preempt_delay", ("galera.preempt is false",)),
    "VRRP 2 with the LAN's adverts": (_cluster(vrrp_version=2), "timers.profile", ("no whole number",)),
    "VRRP 3 with a password": (_cluster(authentication={}), "galera.authentication", ("version 3 has no",)),
    "the agent on the port of group communication": (
        _cluster(agent_port=4567), "galera.agent_port", ("4567 is the port of",)),
}  # fmt: skip

#: Those of lost hosts.
ARBITRATOR_LOST: dict[str, Case] = {
    "node and arbitrator lost": (
        {**_cluster(), **metal("mdb1", "mdb2"), "hosts.mdb1.lost": True, "hosts.mdb2.lost": True},
        "hosts.mdb1.lost", ("1 of 3 Galera voters is left", "non-Primary")),
    "both nodes lost, the arbitrator lives": (
        {**_cluster(), **metal("mdb2", "mdb3"), "hosts.mdb2.lost": True, "hosts.mdb3.lost": True},
        "hosts.mdb3.lost", ("none of 2 Galera members", "restore a backup")),
}  # fmt: skip
