"""Several systems in one stack: every pair of kinds, each on hosts of its own, gets the plan that it gets alone."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from plan.build import make_plan
from plan.context import Context
from plan.model import Plan
from plan.secrets import Secrets
from settings import load_stack
from tests.conftest import TEST_SECRET, dev_config, stack_config

#: The sections of each system, from the stack files of the tree.
SYSTEMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "galera": ("dev", ("galera", "directors")),
    "master_master": ("master-master-vip", ("master_master",)),
    "drbd": ("drbd", ("drbd",)),
    "web": ("web", ("web",)),
}


def together(*names: str) -> dict[str, Any]:
    """One stack of several systems, all on VMs, each with a virtual_router_id of its own."""
    config = dev_config()
    for key in ("galera", "directors", "hosts"):
        del config[f"mariadb-ha:{key}"]
    if names == ("web",):
        del config["mariadb-ha:databases"]
    hosts: dict[str, Any] = {}
    for number, name in enumerate(names):
        stack, sections = SYSTEMS[name]
        found = stack_config(stack)
        hosts |= {
            f"{name.replace('_', '-')}-{host}": {"address": entry["address"]}
            for host, entry in found["mariadb-ha:hosts"].items()
        }
        for section in sections:
            config[f"mariadb-ha:{section}"] = renamed(found[f"mariadb-ha:{section}"], name, found["mariadb-ha:hosts"])
        config[f"mariadb-ha:{sections[-1]}"]["virtual_router_id"] = 51 + number
    config["mariadb-ha:hosts"] = hosts
    return config


def renamed(section: Any, system: str, hosts: Any) -> Any:
    """A section with its hosts' names as they are called in the common stack."""
    if isinstance(section, dict):
        return {renamed(key, system, hosts): renamed(value, system, hosts) for key, value in section.items()}
    if isinstance(section, list):
        return [renamed(one, system, hosts) for one in section]
    return f"{system.replace('_', '-')}-{section}" if section in hosts else section


def context(*names: str) -> Context:
    """The common stack's context."""
    return Context(
        stack="several",
        settings=load_stack(together(*names), "several"),
        secrets=Secrets(stack="several", stack_secret=TEST_SECRET),
    )


def alone(plan: Plan, name: str) -> set[tuple[str, str, str]]:
    """A system's steps: id, host and command."""
    hosts = {host for host in plan.hosts if host.startswith(name.replace("_", "-"))}
    return {(step.id, step.host, step.command) for step in plan.steps if step.host in hosts}


PAIRS = list(combinations(SYSTEMS, 2))


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_each_does_what_it_does_alone(names: tuple[str, str]) -> None:
    plan = make_plan(context(*names))
    for name in names:
        own = make_plan(context(name))
        assert alone(plan, name) == alone(own, name)
        assert alone(own, name) == {(step.id, step.host, step.command) for step in own.steps}
        for host, files in own.hosts.items():
            assert [file.path for file in plan.hosts[host].files] == [file.path for file in files.files]
    ids = [step.id for step in plan.steps]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_no_promise_of_one_hides_that_of_the_other(names: tuple[str, str]) -> None:
    """`director-stop` is a fault of directors and of a web pair, `link-cut` one of masters and of a DRBD pair."""
    plan = make_plan(context(*names))
    each = [component.promises for name in names for component in make_plan(context(name)).components.values()]
    for fault, gap in plan.promises.items():
        assert gap == max(one[fault] for one in each if fault in one)
    kept = [dict(component.promises) for component in plan.components.values() if component.promises]
    assert sorted(kept, key=str) == sorted((dict(one) for one in each if one), key=str)


def test_the_accounts_are_those_of_where_clients_that_write_come() -> None:
    """Passwords are of a component; the directors stand before the cluster, so clients of the stack come to that."""
    assert make_plan(context("galera", "master_master")).keepers == ("master_master", "galera")
    assert make_plan(context("master_master", "drbd")).keepers == ("master_master", "drbd")
    assert make_plan(context("galera", "web")).keepers == ("galera",)
    assert make_plan(context("web")).keepers == ()
