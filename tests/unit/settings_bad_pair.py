"""Bad configurations of a master-master pair: as in `settings_bad`. The pair stands beside the cluster of GOOD."""

from __future__ import annotations

from typing import Any

Case = tuple[dict[str, Any], str, tuple[str, ...]]

VIP = "172.16.21.50"
HOSTS: dict[str, Any] = {
    "hosts.db1": {"address": "172.16.21.51"},
    "hosts.db2": {"address": "172.16.21.52"},
    "directors.backend_component": "galera",
}
PAIR: dict[str, Any] = {
    **HOSTS,
    "master_master": {"vip": VIP, "virtual_router_id": 61, "members": {"db1": {}, "db2": {}}},
}
_OWN = "master_master.members"
_WITHOUT_VIP: dict[str, Any] = {**HOSTS, "master_master": {"members": {"db1": {}, "db2": {}}}}


def _pair(**changes: Any) -> dict[str, Any]:
    return {**HOSTS, "master_master": {**PAIR["master_master"], **changes}}


def _members(one: dict[str, Any], two: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return _pair(members={"db1": one, "db2": two}, **changes)


def _fencing(**how: Any) -> dict[str, Any]:
    return _pair(fencing=how)


_FENCING = "master_master.fencing"
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7"
_BMC: dict[str, Any] = {"address": "10.0.9.1", "user": "fence", "password": "secret"}
_OTHER_BMC: dict[str, Any] = {**_BMC, "address": "10.0.9.2"}

MASTER_MASTER: dict[str, Case] = {
    "no way to fence": (_fencing(), f"{_FENCING}.command", ("missing", "another agent")),
    "libvirt without a hypervisor": (_fencing(agent="libvirt"), f"{_FENCING}.libvirt", ("missing", "never take")),
    "an agent that is not chosen": (
        _fencing(command="/usr/sbin/fence", libvirt={"host": "10.0.0.2", "host_key": _KEY}), f"{_FENCING}.libvirt",
        ("agent is command", "would not be used")),
    "an unknown agent": (_fencing(agent="ilo"), f"{_FENCING}.agent", ("command", "libvirt", "ipmi")),
    "a hypervisor without its key": (
        _fencing(agent="libvirt", libvirt={"host": "10.0.0.2"}), f"{_FENCING}.libvirt.host_key", ("missing",)),
    "a hypervisor's key that is none": (
        _fencing(agent="libvirt", libvirt={"host": "10.0.0.2", "host_key": "AAAA"}), f"{_FENCING}.libvirt.host_key",
        ("ssh-ed25519",)),
    "a domain of a stranger": (
        _fencing(agent="libvirt", libvirt={"host": "10.0.0.2", "host_key": _KEY, "domains": {"db9": "x"}}),
        f"{_FENCING}.libvirt.domains.db9", ("no member",)),
    "one controller for both": (
        _fencing(agent="ipmi", ipmi={"db1": _BMC, "db2": _BMC}), f"{_FENCING}.ipmi.db2.address",
        ("also that of db1 (master_master.fencing.ipmi.db1.address)", "in its own place")),
    "one domain for both": (
        _fencing(agent="libvirt", libvirt={"host": "10.0.0.2", "host_key": _KEY, "domains": {"db1": "x", "db2": "x"}}),
        f"{_FENCING}.libvirt.domains.db2", ("domain x at 10.0.0.2", f"({_FENCING}.libvirt.domains.db1)")),
    "a host without a controller": (
        _fencing(agent="ipmi", ipmi={"db1": _BMC}), f"{_FENCING}.ipmi.db2", ("missing", "power db2 off")),
    "a controller of a stranger": (
        _fencing(agent="ipmi", ipmi={"db1": _BMC, "db2": _OTHER_BMC, "ha1": {**_BMC, "address": "10.0.9.3"}}),
        f"{_FENCING}.ipmi.ha1", ("no member",)),
    "data of a stranger": (_pair(data_from="mdb1"), "master_master.data_from", ("no member", "db1 or db2")),
    "copies on MariaDB's port": (_pair(clone_port=3306), "master_master.clone_port", ("3306",)),
    "copies on the promoter's port": (_pair(clone_port=9201), "master_master.promoter_port", ("9201", "clone_port")),
    "a witness of the pair": (_pair(witnesses=["172.16.21.52"]), "master_master.witnesses[0]", ("address of db2",)),
    "the VIP as a witness": (_pair(witnesses=[VIP]), "master_master.witnesses[0]", ("the VIP", "router")),
    "witnesses without a VIP": (
        {**HOSTS, "master_master": {"members": {"db1": {}, "db2": {}}, "witnesses": ["172.16.21.1"]}},
        "master_master.witnesses", ("routing decides",)),
    "same server ids": (_members({}, {"server_id": 1}), f"{_OWN}.db2.server_id", ("server id of db1", "leave"
    " them out")),
    "same server ids given": (
        _members({"server_id": 7}, {"server_id": 7}), f"{_OWN}.db2.server_id", ("7", "id of its own")),
    "same offsets": (
        _members({}, {"auto_increment_offset": 1}), f"{_OWN}.db2.auto_increment_offset", ("of db1", "same keys")),
    "offset beyond the increment": (
        _members({}, {"auto_increment_offset": 3}), f"{_OWN}.db2.auto_increment_offset",
        ("auto_increment_increment 2", "ignores")),
    "no increment": (_pair(auto_increment_increment=1), "master_master.auto_increment_increment", ("2",)),
    "one server": (_pair(members={"db1": {}}), "master_master.members", ("2",)),
    "three servers": (
        {**_pair(members={"db1": {}, "db2": {}, "mdb1": {}})}, "master_master.members", ("2",)),
    "skipped errors": (_pair(slave_skip_errors="all"), "master_master.slave_skip_errors", ("skip", "hactl status")),
    "same priorities": (_members({"priority": 100}, {"priority": 100}), f"{_OWN}.db2.priority", ("db1", "own")),
    "small gap with preemption": (
        _members({"priority": 120}, {"priority": 100}, preempt=True), f"{_OWN}.db1.priority", ("only 20", "50")),
    "all masters with a VIP": (_pair(routing="all-masters"), "master_master.routing", ("read-only", "directors")),
    "block without semi-sync": (
        _pair(semi_sync={"enabled": False, "without_peer": "block"}), "master_master.semi_sync.without_peer",
        ("enabled is false",)),
    "semi-sync shorter than fencing": (
        _pair(fencing={"command": "/usr/sbin/fence"}, semi_sync={"rpl_semi_sync_master_timeout": 500}),
        "master_master.semi_sync.rpl_semi_sync_master_timeout",
        ("0.5 s", "63.4 s", "fenced", "63400", "master_master.fencing.timeout", "without_peer: block")),
    "semi-sync shorter than the agent may take": (
        _pair(fencing={"command": "/usr/sbin/fence", "timeout": 20}, semi_sync={"rpl_semi_sync_master_timeout": 23000}),
        "master_master.semi_sync.rpl_semi_sync_master_timeout", ("23 s", "23.4 s", "fencing.timeout 20 s")),
    "fencing by a name": (_pair(fencing={"command": "fence"}), "master_master.fencing.command", ("absolute path",)),
    "promoter on MariaDB's port": (_pair(promoter_port=3306), "master_master.promoter_port", ("3306",)),
    "promoter on the agent's port": (_pair(promoter_port=9200), "master_master.promoter_port", ("9200",)),
    "nobody before it": (_WITHOUT_VIP, "master_master.vip", ("nothing stands before", "directors")),
    "fencing without a VIP": (
        {**HOSTS, "master_master": {"members": {"db1": {}, "db2": {}}, "fencing": {"command": "/usr/sbin/fence"}}},
        "master_master.fencing", ("no master_master.vip",)),
    "preemption without a VIP": (
        {**HOSTS, "master_master": {"members": {"db1": {}, "db2": {}}, "preempt": True}}, "master_master.preempt",
        ("routing decides",)),
    "group of the directors": (_pair(virtual_router_id=51), "directors.virtual_router_id", ("51", "master_master")),
    "VIP of the directors": (_pair(vip="172.16.21.188"), "directors.vip", ("master_master.vip",)),
    "VIP of a host": (_pair(vip="172.16.21.51"), "master_master.vip", ("172.16.21.51",)),
    "unknown host": (_pair(members={"db1": {}, "db9": {}}), "master_master.members.db9", ("db9",)),
    "on a Galera node": (
        {"directors.backend_component": "galera",
         "master_master": {"vip": VIP, "virtual_router_id": 61, "members": {"mdb1": {}, "mdb2": {}}}},
        "master_master.port", ()),
    "hang before silence": (
        {**PAIR, "timers": {"peer_timeout": 5.0, "hang_timeout": 3.0}}, "timers.peer_timeout", ("hang_timeout",)),
    "impatient": ({**PAIR, "timers": {"peer_timeout": 0.2}}, "timers.peer_timeout", ("0.7",)),
    "binary logs for no time": (_pair(binlog_expire_days=0), "master_master.binlog_expire_days", ("0",)),
}  # fmt: skip
