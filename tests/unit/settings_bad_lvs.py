"""Bad configurations of directors, and of a master-master pair behind them: as in `settings_bad`."""

from __future__ import annotations

from typing import Any

from tests.unit.settings_config import GONE

Case = tuple[dict[str, Any], str, tuple[str, ...]]

VS = "directors.virtual_server"
#: System S3 made of GOOD: one writer by `fo`, DR.
BEHIND: dict[str, Any] = {
    "galera": GONE,
    "hosts.mdb1": GONE,
    "directors.virtual_server": {},
    "master_master": {"members": {"mdb2": {}, "mdb3": {}}},
}
#: Both servers take writes.
BOTH: dict[str, Any] = {**BEHIND, "master_master": {**BEHIND["master_master"], "routing": "all-masters"}}


def _one(**service: Any) -> dict[str, Any]:
    return {**BEHIND, VS: service}


def _both(**service: Any) -> dict[str, Any]:
    return {**BOTH, VS: service}


METHODS: dict[str, Case] = {
    "NAT without a route": (_one(lb_kind="NAT"), "directors.inner_vip", ("NAT", "no route")),
    "route under DR": (
        {**BEHIND, "directors.inner_vip": "172.16.21.187"}, "directors.inner_vip", ("172.16.21.187", "DR")),
    "route under TUN": (
        {**_one(lb_kind="TUN"), "directors.inner_vip": "172.16.21.187"}, "directors.inner_vip", ("TUN", "directly")),
    "inner VIP elsewhere": (
        {**_one(lb_kind="NAT"), "directors.inner_vip": "10.0.0.1"}, "directors.inner_vip", ("outside",)),
    "inner VIP of a host": (
        {**_one(lb_kind="NAT"), "directors.inner_vip": "172.16.21.181"}, "directors.inner_vip", ("mdb2",)),
    "inner VIP is the VIP": (
        {**_one(lb_kind="NAT"), "directors.inner_vip": "172.16.21.188"}, "directors.inner_vip", ("directors.vip",)),
    "inner VIP is the gateway": (
        {**_one(lb_kind="NAT"), "directors.inner_vip": "172.16.21.1"}, "directors.inner_vip", ("network.gateway",)),
    "port under DR": (_one(port=3307), f"{VS}.port", ("3307", "DR", "NAT")),
    "port under TUN": (_one(port=3307, lb_kind="TUN"), f"{VS}.port", ("3307", "TUN")),
    "two methods": (
        {**_one(lb_kind="TUN"), "directors.reader.vip": "172.16.21.189"},
        "directors.reader.virtual_server.lb_kind", ("DR", "TUN", "one method")),
    "two ports": (
        {**_one(lb_kind="NAT", port=3307), "directors.inner_vip": "172.16.21.187",
         "directors.reader": {"vip": "172.16.21.189", "virtual_server": {"lb_kind": "NAT"}}},
        "directors.reader.virtual_server.port", ("3306", "3307")),
    "a director is a master": (
        {**BEHIND, "master_master": {"members": {"mdb2": {}, "ha1": {}}}}, "directors.members.ha1", ("master", "loop")),
    "a server of nobody": (
        {**BEHIND, "directors.real_servers": ["mdb2", "ha9"]}, "directors.real_servers[1]", ("ha9", "masters only")),
}  # fmt: skip

SCHEDULERS: dict[str, Case] = {
    "one writer by wrr": (
        _one(lb_algo="wrr"), f"{VS}.lb_algo", ("wrr", "master_master.routing single-writer", "all-masters")),
    "one writer with persistence": (
        _one(persistence_timeout=50), f"{VS}.persistence_timeout", ("50", "old one")),
    "both by fo": (_both(lb_algo="fo"), f"{VS}.lb_algo", ("fo", "one server", "accept_one_server")),
    "both by ovf without weights": (_both(lb_algo="ovf"), f"{VS}.lb_algo", ("ovf", "Give weights")),
    "both by lblcr": (_both(lb_algo="lblcr"), f"{VS}.lb_algo", ("lblcr", "destination")),
    "both by dh": (_both(lb_algo="dh"), f"{VS}.lb_algo", ("dh", "destination")),
    "flag of another scheduler": (_both(lb_algo="wrr", flags=["sh-port"]), f"{VS}.flags[0]", ("sh-port", "wrr")),
    "flag of mh with sh": (_both(lb_algo="sh", flags=["sh-fallback", "mh-port"]), f"{VS}.flags[1]", ("mh-port", "sh")),
    "flag without a scheduler": (_both(flags=["mh-port"]), f"{VS}.flags[0]", ("not given", "set lb_algo to mh")),
    "unknown flag": (_both(lb_algo="sh", flags=["sh-ports"]), f"{VS}.flags[0]", ("sh-ports", "sh-port")),
    "persistence with mh": (
        _both(lb_algo="mh", persistence_timeout=50), f"{VS}.persistence_timeout", ("mh", "other director")),
    "persistence with sh-port": (
        _both(lb_algo="sh", flags=["sh-port"], persistence_timeout=50), f"{VS}.persistence_timeout", ("sh-port",)),
    "weight of nobody": (
        _both(lb_algo="wrr", weights={"mdb2": 3, "mdb9": 3}), f"{VS}.weights.mdb9", ("mdb9", "mdb2, mdb3")),
    "weight beyond": (_both(lb_algo="wrr", weights={"mdb2": 70000}), f"{VS}.weights.mdb2", ("70000", "65535")),
    "weight below": (_both(lb_algo="wrr", weights={"mdb2": -1}), f"{VS}.weights.mdb2", ("-1", "refuse")),
    "no weight at all": (_both(lb_algo="wrr", weights={"mdb2": 0, "mdb3": 0}), f"{VS}.weights", ("lead nowhere",)),
    "weights under rr": (_both(weights={"mdb2": 3}), f"{VS}.weights", ("3, 1", "rr does not look", "wrr")),
    "weights under lc": (
        _both(lb_algo="lc", weights={"mdb2": 3, "mdb3": 2}), f"{VS}.weights", ("lc does not look", "wlc")),
    "equal weights under fo": (
        _one(weights={"mdb2": 3, "mdb3": 3}), f"{VS}.weights", ("3, 3", "heaviest", "order of the real servers")),
    "preemption behind directors": (
        {**BEHIND, "master_master": {**BEHIND["master_master"], "preempt": True}}, "master_master.preempt",
        ("routing decides",)),
    "a promoter behind directors": (
        {**BEHIND, "master_master": {**BEHIND["master_master"], "promoter_port": 9300}}, "master_master.promoter_port",
        ("no master_master.vip",)),
}  # fmt: skip

TIMEOUTS: dict[str, Case] = {
    "IPVS forgets first": (
        {"directors.lvs_timeouts": {"tcp": 420}}, "directors.lvs_timeouts.tcp",
        ("420 s", "galera's keepalive", "reset", "more than 420 s", "galera.tcp_keepalive_time")),
    "keepalive behind IPVS": (
        {**BEHIND, "master_master.tcp_keepalive_time": 7200}, "directors.lvs_timeouts.tcp", ("7200 s", "7320 s")),
    "IPVS forgets at once": ({"directors.lvs_timeouts": {"tcp": 5}}, "directors.lvs_timeouts.tcp", ("5", "10")),
    "keepalive of zero": ({"galera.tcp_keepalive_time": 0}, "galera.tcp_keepalive_time", ("0", "1")),
    "keepalive as an option": (
        {"galera.server_options": {"tcp-keepalive-time": 60}}, "galera.server_options.tcp-keepalive-time",
        ("galera.tcp_keepalive_time",)),
}  # fmt: skip
