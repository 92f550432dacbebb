"""Bad configurations of replicas and balancers: as in `settings_bad`. They stand beside the cluster of GOOD, on a
master-master pair.
"""

from __future__ import annotations

from typing import Any

from tests.unit.settings_bad_pair import PAIR
from tests.unit.settings_config import GONE

Case = tuple[dict[str, Any], str, tuple[str, ...]]

#: What `changed` makes a whole stack of S8 of, beside GOOD.
BALANCING: dict[str, Any] = {
    **PAIR,
    "hosts.r1": {"address": "172.16.21.53"},
    "hosts.r2": {"address": "172.16.21.54"},
    "hosts.lb1": {"address": "172.16.21.56", "memory_mib": 512},
    "hosts.lb2": {"address": "172.16.21.57", "memory_mib": 512},
    "replicas": {"members": {"r1": {}, "r2": {}}},
    "balancers": {
        "vip": "172.16.21.55",
        "virtual_router_id": 62,
        "members": {"lb1": {"priority": 100}, "lb2": {"priority": 99}},
    },
}
_WITHOUT_PAIR: dict[str, Any] = {
    **BALANCING,
    "master_master": GONE,
    "hosts.db1": GONE,
    "hosts.db2": GONE,
}
_BEHIND_DIRECTORS: dict[str, Any] = {
    **BALANCING,
    "master_master": {"members": {"db1": {}, "db2": {}}},
    "directors.backend_component": "galera",
}


def _replicas(**changes: Any) -> dict[str, Any]:
    return {**BALANCING, "replicas": {**BALANCING["replicas"], **changes}}


def _balancers(**changes: Any) -> dict[str, Any]:
    return {**BALANCING, "balancers": {**BALANCING["balancers"], **changes}}


def _without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in BALANCING.items() if key not in keys}


READ_BALANCING: dict[str, Case] = {
    "replicas of nobody": (
        {key: value for key, value in _without("master_master", "balancers", "hosts.lb1", "hosts.lb2").items()
         if not key.startswith("hosts.db")},
        "replicas.source_component", ("can be followed", "no data")),
    "replicas of an unknown component": (
        _replicas(source_component="orders"), "replicas.source_component", ('"orders"', "Name one of master_master")),
    "replicas of a component that cannot be followed": (
        _replicas(source_component="galera"), "replicas.source_component", ('"galera"', "followed")),
    "replicas of a pair without a VIP": (
        _BEHIND_DIRECTORS, "master_master.vip", ("looks there for the server that takes writes",)),
    "no replica": (_replicas(members={}), "replicas.members", ("no entries",)),
    "replica with a master's server id": (
        _replicas(members={"r1": {"server_id": 2}}), "replicas.members.r1.server_id", ("server id of db2",)),
    "replicas with one server id": (
        _replicas(members={"r1": {"server_id": 9}, "r2": {"server_id": 9}}), "replicas.members.r2.server_id",
        ("server id of r1", "thrown out")),
    "replica on a master": (
        _replicas(members={"r1": {}, "r2": {}, "db2": {}}), "replicas.members.db2", ("master_master.members",)),
    "replica on an unknown host": (
        _replicas(members={"r1": {}, "r2": {}, "r9": {}}), "replicas.members.r9", ("no host r9",)),
    "lag limit below the looks": (
        _replicas(max_lag_s=1.5), "replicas.max_lag_s", ("1.5 s", "2 s", "leave and come back")),
    "lag limit below the checks of a profile": (
        {**_replicas(max_lag_s=5), "timers": {"profile": "classic"}, "directors.virtual_server": GONE},
        "replicas.max_lag_s", ("7 s", "timers.profile")),
    "no lag at all": (_replicas(max_lag_s=0), "replicas.max_lag_s", ("0",)),
    "copies at the promoter's port": (_replicas(clone_port=9201), "replicas.clone_port", ("the promoter",)),
    "copies at MariaDB's port": (_replicas(clone_port=3306), "replicas.clone_port", ("MariaDB",)),
    "balancers before nobody": (
        {key: value for key, value in _without("master_master", "replicas", "hosts.r1", "hosts.r2").items()
         if not key.startswith("hosts.db")},
        "balancers.writes_to", ("can take writes", "lead nowhere")),
    "balancers without replicas": (
        _without("replicas", "hosts.r1", "hosts.r2"), "balancers.reads_from", ("can take reads",)),
    "writes to an unknown component": (_balancers(writes_to="orders"), "balancers.writes_to", ('"orders"',)),
    "reads from the pair": (_balancers(reads_from="master_master"), "balancers.reads_from", ("can take reads",)),
    "one port for both": (_balancers(read_port=3306), "balancers.read_port", ("3306", "for writes")),
    "statistics on a client's port": (_balancers(stats_port=3307), "balancers.stats_port", ("3307", "for reads")),
    "writes at sshd's port": (_balancers(write_port=22), "balancers.write_port", ("sshd",)),
    "one balancer": (_balancers(members={"lb1": {"priority": 100}}), "balancers.members", ("2",)),
    "balancers with one priority": (
        _balancers(members={"lb1": {"priority": 100}, "lb2": {"priority": 100}}), "balancers.members.lb2.priority",
        ("lb1",)),
    "balancer on a replica": (
        _balancers(members={"lb1": {"priority": 100}, "lb2": {"priority": 99}, "r2": {"priority": 98}}),
        "balancers.members.r2", ("replicas.members", "hosts of their own")),
    "balancer on a master": (
        _balancers(members={"lb1": {"priority": 100}, "lb2": {"priority": 99}, "db1": {"priority": 98}}),
        "balancers.members.db1", ("master_master.members",)),
    "VIP of the pair": (_balancers(vip="172.16.21.50"), "balancers.vip", ("master_master.vip",)),
    "group of the pair": (_balancers(virtual_router_id=61), "balancers.virtual_router_id", ("61",)),
    "reads nowhere": (_balancers(reads_when_all_lag="nobody"), "balancers.reads_when_all_lag", ("refuse",)),
    "unknown way to spread": (_balancers(balance="fastest"), "balancers.balance", ("leastconn",)),
    "account of a client's address": (
        {**BALANCING, "databases.app.accounts.app": {"host": "172.16.21.9"}}, "databases.app.accounts.app.host",
        ("172.16.21.56", "in the place of the client's")),
    "account of one balancer": (
        {**BALANCING, "databases.app.accounts.app": {"host": "172.16.21.56"}}, "databases.app.accounts.app.host",
        ("does not admit all",)),
}  # fmt: skip
