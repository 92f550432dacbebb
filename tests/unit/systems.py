"""All systems, as the stack files of the tree have them, and stacks in which two of them stand."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from plan.build import make_plan
from plan.context import Context
from plan.model import Plan
from plan.secrets import Secrets
from settings import load_stack
from settings.kinds import KINDS
from tests.conftest import TEST_SECRET, dev_config, stack_config


@dataclass(frozen=True, kw_only=True)
class System:
    """Sections by kind, and addresses of the hosts that they name."""

    sections: Mapping[str, Mapping[str, Any]]
    hosts: Mapping[str, str]

    def first(self, kind: str) -> str:
        """The first host that a section names."""
        return next(iter(self.sections[kind]["members"]))


def system(stack: str, *kinds: str, **changes: Mapping[str, Any]) -> System:
    """These sections of a stack file, with keys changed (None: left out), and the hosts that they need."""
    found = stack_config(stack)
    sections = {kind: {**found[f"mariadb-ha:{kind}"], **changes.get(kind, {})} for kind in kinds}
    sections = {kind: {key: value for key, value in one.items() if value is not None} for kind, one in sections.items()}
    named = {
        host for kind, section in sections.items() for _, host in KINDS[kind].model_validate(section).named_hosts(kind)
    }
    hosts = {host: entry["address"] for host, entry in found["mariadb-ha:hosts"].items() if host in named}
    return System(sections=sections, hosts=hosts)


#: No two have a host's address or a VIP in common, unless they have a section in common too.
SYSTEMS: dict[str, System] = {
    "galera": system("dev", "galera", "directors", directors={"backend_component": "galera"}),
    "galera-vip": system(
        "galera-arbitrator", "galera", galera={"members": ["mdb1", "mdb2", "arb1"], "arbitrator": None}
    ),
    "arbitrator": system("galera-arbitrator", "galera"),
    "pair": system("master-master-vip", "master_master"),
    "lvs-pair": system("master-master", "master_master", "directors", directors={"backend_component": "master_master"}),
    "replicas": system("read-balancing", "master_master", "replicas"),
    "balancers": system("read-balancing", "master_master", "replicas", "balancers"),
    "drbd": system("drbd", "drbd"),
    "files": system("drbd", "drbd", drbd={"mariadb": False, "split_brain_drill": None}),
    "web": system("web", "web"),
}
#: A stack file has one section of a kind.
PAIRS = [pair for pair in combinations(SYSTEMS, 2) if not SYSTEMS[pair[0]].sections.keys() & SYSTEMS[pair[1]].sections]
#: Every VIP has a number of its own, the same alone and beside another system.
NUMBERS = {
    (name, kind): 50 + number
    for number, (name, kind) in enumerate((name, kind) for name, one in SYSTEMS.items() for kind in one.sections)
}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same with hosts called otherwise."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def together(*names: str) -> dict[str, Any]:
    """One stack of several systems, all on VMs whose names say which system they are of."""
    config = {key: value for key, value in dev_config().items() if key.partition(":")[2] not in KINDS}
    config["mariadb-ha:hosts"] = {}
    for name in names:
        one = SYSTEMS[name]
        calls = {host: f"{name}-{host}" for host in one.hosts}
        config["mariadb-ha:hosts"] |= {calls[host]: {"address": address} for host, address in one.hosts.items()}
        for kind, section in one.sections.items():
            config[f"mariadb-ha:{kind}"] = renamed(copy.deepcopy(dict(section)), calls)
            if "vip" in section:
                config[f"mariadb-ha:{kind}"]["virtual_router_id"] = NUMBERS[name, kind]
    if set(names) <= {"files", "web"}:
        del config["mariadb-ha:databases"]
    return config


def planned(config: dict[str, Any]) -> Plan:
    """The plan of such a stack."""
    settings = load_stack(config, "several")
    return make_plan(
        Context(stack="several", settings=settings, secrets=Secrets(stack="several", stack_secret=TEST_SECRET))
    )


@cache
def alone(name: str) -> Plan:
    """The plan of a system that has the stack to itself."""
    return planned(together(name))
