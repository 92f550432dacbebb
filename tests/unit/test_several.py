"""Several systems in one stack: every pair of systems, each on hosts of its own, gets the plan that it gets alone."""

from __future__ import annotations

import pytest

from plan.model import Plan
from settings.kinds import KINDS
from tests.unit.systems import PAIRS, SYSTEMS, alone, planned, together

#: Lists of the stack's hosts and addresses are of the stack, and no system's.
OF_THE_STACK = {"/etc/hosts"}


def steps(plan: Plan, hosts: object) -> set[tuple[str, str, str, str | None, tuple[str, ...]]]:
    """What is done on these hosts, and after what."""
    found = set(plan.steps)
    return {(step.id, step.host, step.command, step.stdin, step.waits_for) for step in found if step.host in set(hosts)}


def test_every_kind_is_in_a_pair() -> None:
    assert {kind for pair in PAIRS for name in pair for kind in SYSTEMS[name].sections} == set(KINDS)
    assert len(PAIRS) > 20


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_each_does_what_it_does_alone(names: tuple[str, str]) -> None:
    plan = planned(together(*names))
    for name in names:
        own = alone(name)
        assert steps(plan, own.hosts) == steps(own, own.hosts)
        for host, files in own.hosts.items():
            beside = {file.path: file for file in plan.hosts[host].files}
            changed = {file.path for file in files.files if beside.get(file.path) != file} | (
                beside.keys() - {file.path for file in files.files}
            )
            assert changed <= OF_THE_STACK, host
    ids = [step.id for step in plan.steps]
    assert len(ids) == len(set(ids)) == sum(len(alone(name).steps) for name in names)


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_no_promise_of_one_hides_that_of_the_other(names: tuple[str, str]) -> None:
    """`director-stop` is a fault of directors and of a web pair, `link-cut` one of masters and of a DRBD pair."""
    plan = planned(together(*names))
    each = [component.promises for name in names for component in alone(name).components.values()]
    for fault, gap in plan.promises.items():
        assert gap == max(one[fault] for one in each if fault in one)
    kept = [dict(component.promises) for component in plan.components.values() if component.promises]
    assert sorted(kept, key=str) == sorted((dict(one) for one in each if one), key=str)


def test_the_accounts_are_those_of_where_clients_that_write_come() -> None:
    """Passwords are of a component; the directors stand before the cluster, so clients of the stack come to that."""
    assert planned(together("galera", "pair")).keepers == ("master_master", "galera")
    assert planned(together("pair", "drbd")).keepers == ("master_master", "drbd")
    assert planned(together("galera", "web")).keepers == ("galera",)
    assert planned(together("web")).keepers == ()
