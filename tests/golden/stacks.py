"""The stacks whose every line is kept: S1 on VMs, on servers, and on both with the settings that are seldom chosen; the
other systems."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from plan.context import Context
from plan.secrets import Secrets
from settings import load_stack
from tests.conftest import ROOT, TEST_SECRET, dev_config, make_arbitrated, make_web, stack_config
from tests.unit.settings_config import MIXED, host_key


def _context(name: str, config: dict[str, Any]) -> Context:
    settings = load_stack(config, name)
    return Context(
        stack=name,
        settings=settings,
        secrets=Secrets(stack=name, stack_secret=TEST_SECRET, generations=settings.secret_generations),
    )


def vms() -> Context:
    """The dev stack as it is."""
    return _context("dev", dev_config())


def bare_metal() -> Context:
    """The dev stack on servers that are there already."""
    config = dev_config()
    for number, (name, entry) in enumerate(config["mariadb-ha:hosts"].items()):
        config["mariadb-ha:hosts"][name] = {
            "address": entry["address"],
            "provisioner": "bare-metal",
            "ssh_host_key": host_key(number),
        }
    return _context("metal", config)


def mixed() -> Context:
    """VMs and servers, one of them lost, with VRRP version 2, a reader, e-mail, one writer and a mirror."""
    config = copy.deepcopy(MIXED)
    config["mariadb-ha:directors"] |= {
        "vrrp_version": 2,
        "authentication": {},
        "preempt": False,
        "unicast": False,
        "virtual_server": {},
        "reader": {"vip": "172.16.21.189", "virtual_server": {"lb_algo": "mh", "check": "tcp"}},
        "notification": {"notification_email": ["dba@example.org"]},
    }
    config["mariadb-ha:galera"]["routing"] = "single-writer"
    config["mariadb-ha:timers"] = {"profile": "wan", "connect_timeout": 2.5}
    config["mariadb-ha:packages"] = {"apt_sources": ["deb http://mirror.example.org/debian bookworm main"]}
    config["mariadb-ha:ssh"] = {"port": 2222, "admin_cidrs": ["172.16.21.0/24"]}
    config["mariadb-ha:secret_generations"] = {"account-password": 2}
    return _context("mixed", config)


def web() -> Context:
    """A web pair that hands requests on."""
    return make_web({"upstream": ["172.16.21.70:8080", "172.16.21.71:8080"], "check_interval": 5})


def _masters() -> dict[str, Any]:
    """The stack master-master, with the servers' keys that the lab else gives."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.master-master.yaml").read_text())["config"]
    for number, name in enumerate(("db1", "db2")):
        config["mariadb-ha:hosts"][name]["ssh_host_key"] = host_key(number)
    return config | {"mariadb-ha:stack_secret": TEST_SECRET}


def lvs_masters() -> Context:
    """Two masters behind directors, one writer at a time."""
    return _context("master-master", _masters())


def lvs_masters_nat() -> Context:
    """The same with both taking writes, NAT and a reader."""
    config = _masters()
    config["mariadb-ha:directors"] |= {
        "inner_vip": "172.16.21.99",
        "virtual_server": {
            "lb_kind": "NAT",
            "lb_algo": "wrr",
            "weights": {"db1": 3, "db2": 3},
            "persistence_timeout": 50,
            "port": 3307,
        },
        "reader": {
            "vip": "172.16.21.98",
            "virtual_server": {"lb_kind": "NAT", "lb_algo": "sh", "flags": ["sh-port", "sh-fallback"], "port": 3307},
        },
    }
    config["mariadb-ha:master_master"]["routing"] = "all-masters"
    return _context("master-master", config)


def read_balancing() -> Context:
    """The stack of S8 as it is, on servers whose keys are known, with e-mail."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.read-balancing.yaml").read_text())["config"]
    for number, entry in enumerate(config["mariadb-ha:hosts"].values()):
        entry["ssh_host_key"] = host_key(number)
    config["mariadb-ha:stack_secret"] = TEST_SECRET
    config["mariadb-ha:balancers"]["notification"] = {"notification_email": ["dba@example.org"]}
    return _context("read-balancing", config)


def drbd() -> Context:
    """The DRBD pair as it is."""
    config = stack_config("drbd")
    config["mariadb-ha:stack_secret"] = TEST_SECRET
    return _context("drbd", config)


def drbd_plain() -> Context:
    """A replicated file system without a server, on servers' own disks, fenced, compared when somebody asks."""
    config = stack_config("drbd")
    config["mariadb-ha:stack_secret"] = TEST_SECRET
    del config["mariadb-ha:databases"]
    for number, entry in enumerate(config["mariadb-ha:hosts"].values()):
        del entry["data_disk_gib"]
        entry |= {"provisioner": "bare-metal", "ssh_host_key": host_key(number)}
    config["mariadb-ha:drbd"] |= {
        "mariadb": False,
        "filesystem": "xfs",
        "mount_point": "/srv/shared-files",
        "members": {"nod1": {"disk": "/dev/vg0/shared"}, "nod2": {"disk": "/dev/sdb3"}},
        "fencing": {"command": "/usr/local/sbin/fence"},
        "verify_schedule": None,
        "split_brain_drill": False,
    }
    return _context("drbd", config)


STACKS: Mapping[str, Callable[[], Context]] = {
    "vms": vms,
    "bare-metal": bare_metal,
    "mixed": mixed,
    "arbitrator": make_arbitrated,
    "web": web,
    "lvs-masters": lvs_masters,
    "lvs-masters-nat": lvs_masters_nat,
    "read-balancing": read_balancing,
    "drbd": drbd,
    "drbd-plain": drbd_plain,
}
