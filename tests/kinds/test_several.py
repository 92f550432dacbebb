"""Components of one program, and kinds of one stack, share nothing by accident."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest

from plan import make_plan
from plan.context import Context
from plan.model import File, Plan
from plan.role import Role, merge
from plan.secrets import Secrets
from settings import check_config, load_stack
from settings.hosts import HostSettings
from settings.kinds.directors.model import Directors
from settings.kinds.galera.model import Galera
from settings.parts.vrrp import VrrpMember
from settings.rules.registry import rule_problems
from settings.stack import Stack
from tests.conftest import TEST_SECRET, make_context
from tests.unit.settings_config import GONE, GOOD, changed
from tests.unit.systems import renamed, together


def two_systems(**changes: Any) -> Context:
    """Two clusters behind two pairs of directors, as somebody's own program has them."""
    context = make_context()
    hosts: dict[str, HostSettings] = {}
    components: dict[str, Any] = {}
    for number, name in enumerate(("blue", "green")):
        names = {role: f"{name}{role}" for role in ("d1", "d2", "n1", "n2", "n3")}
        hosts |= {
            host: HostSettings(address=IPv4Address(f"172.16.21.{100 + 10 * number + index}"))
            for index, host in enumerate(names.values())
        }
        components[name] = Galera(members=tuple(names[role] for role in ("n1", "n2", "n3")))
        components[f"{name}-entry"] = Directors(
            vip=IPv4Address(f"172.16.21.{50 + number}"),
            virtual_router_id=60 + number,
            members={names["d1"]: VrrpMember(priority=100), names["d2"]: VrrpMember(priority=99)},
            backend_component=name,
        )
    settings = context.settings.model_copy(update={"hosts": hosts, "components": components | changes})
    return replace(context, settings=settings)


def problems(stack: Stack) -> list[str]:
    """What the rules say."""
    return [str(problem) for problem in rule_problems(stack, frozenset(Stack.model_fields))]


def text(plan: Plan, host: str, ending: str) -> str:
    """A file of a host."""
    return next(file.content for file in plan.hosts[host].files if file.path.endswith(ending))


def test_two_of_a_kind_share_no_secret_and_no_step() -> None:
    context = two_systems()
    assert problems(context.settings) == []
    plan = make_plan(context)
    assert len({step.id for step in plan.steps}) == len(plan.steps) == 2 * (3 + 2 + 1 + 1 + 2 + 1 + 3 + 2)
    assert text(plan, "bluen1", "72-mariadb-ha-sst.cnf") != text(plan, "greenn1", "72-mariadb-ha-sst.cnf")
    accounts = {step.component: step.stdin for step in plan.steps if step.name == "accounts"}
    assert accounts["blue"] != accounts["green"]
    assert "greenn1" not in text(plan, "bluen2", "galera.env")
    assert "172.16.21.110" not in text(plan, "blued1", "60-lvs-blue-entry.conf")


def test_every_pair_forwards_to_its_own_cluster() -> None:
    plan = make_plan(two_systems())
    assert plan.components["green-entry"].outputs["real_servers"] == ["greenn1", "greenn2", "greenn3"]
    waits = next(step.waits_for for step in plan.steps if step.id == "green-entry-serve-greenn1")
    assert waits == ("green-settle",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"virtual_router_id": 60}, "green-entry.virtual_router_id: 60 is also blue-entry.virtual_router_id"),
        ({"vip": IPv4Address("172.16.21.50")}, "green-entry.vip: 172.16.21.50 is blue-entry.vip too"),
        (
            {"backend_component": None},
            "green-entry.backend_component: is missing, and blue and green can all be forwarded to",
        ),
        (
            {"backend_component": "red"},
            'green-entry.backend_component: there is no component "red" that can be forwarded to',
        ),
    ],
)
def test_what_two_of_a_kind_must_not_share(change: dict[str, Any], words: str) -> None:
    context = two_systems()
    entry = context.settings.components["green-entry"].model_copy(update=change)
    found = problems(two_systems(**{"green-entry": entry}).settings)
    assert any(line.startswith(words) for line in found), found


def test_two_servers_on_one_host_are_refused() -> None:
    context = two_systems(green=Galera(members=("bluen1", "greenn2", "greenn3")))
    assert any("both need port 4567 on one host" in line for line in problems(context.settings))


ALONE: dict[str, Any] = {
    "directors": GONE,
    "hosts": {name: entry for name, entry in GOOD["mariadb-ha:hosts"].items() if name.startswith("mdb")},
}


def test_clients_of_a_cluster_without_directors_are_let_in() -> None:
    """The nodes that serve open MariaDB's port; the reference node does not, nor any node behind directors."""
    assert check_config(changed(ALONE)) == []
    context = make_context()
    alone = replace(
        context,
        settings=context.settings.model_copy(update={"components": {"galera": context.settings.components["galera"]}}),
    )
    for host, opened in (("mdb1", False), ("mdb2", True), ("mdb3", True)):
        files = {file.path: file.content for file in make_plan(alone).hosts[host].files}
        rules = files.get("/etc/nftables.d/input-galera-clients.nft", "")
        assert ("tcp dport 3306 accept" in rules.splitlines()) is opened, host
    behind = make_plan(context).hosts["mdb2"]
    assert not [file.path for file in behind.files if file.path.endswith("-clients.nft")]


def test_the_endpoint_of_a_cluster_without_directors_is_a_node_that_serves() -> None:
    context = make_context()
    alone = replace(
        context,
        settings=context.settings.model_copy(update={"components": {"galera": context.settings.components["galera"]}}),
    )
    plan = make_plan(alone)
    assert (plan.endpoints["writer"].host, plan.endpoints["writer"].port) == ("172.16.21.181", 3306)
    assert plan.system == "galera"


def test_what_two_roles_lay_in_the_same_words_is_shared() -> None:
    one, two = (Role(name=name, files=(File(path="/etc/x", content="1"),)) for name in "ab")
    assert [file.path for file in merge("h", (one, two)).files] == ["/etc/x"]


def test_a_web_pair_stands_beside_a_cluster() -> None:
    """In front of it, or for something else: hosts, endpoints and files of the others stay as they are."""
    beside = {
        "hosts": {"web1": {"address": "172.16.21.61"}, "web2": {"address": "172.16.21.62"}},
        "web": {"vip": "172.16.21.60", "virtual_router_id": 71, "members": {"web1": {}, "web2": {}}},
    }
    before, after = make_plan(make_context()), make_plan(make_context(beside))
    assert after.entry == before.entry == after.endpoints["writer"]
    assert after.endpoints["web"].host == "172.16.21.60"
    assert set(after.components) == {*before.components, "web"}
    for host, plan in before.hosts.items():
        now = {file.path: file for file in after.hosts[host].files}
        changed_files = [file.path for file in plan.files if now[file.path] != file]
        assert changed_files == ["/etc/hosts"], host


def twice(name: str) -> Context:
    """Two systems of one kind in somebody's own program, each on hosts of its own."""
    first, number = load_stack(together(name), "twice"), 100
    hosts, components = dict(first.hosts), dict(first.components)
    for kind, section in first.components.items():
        config = together(name)
        for host in first.hosts:
            number += 1
            hosts[f"b-{host}"] = first.hosts[host].model_copy(update={"address": IPv4Address(f"172.16.21.{number}")})
        calls = {host: f"b-{host}" for host in first.hosts}
        given = {**renamed(config[f"mariadb-ha:{kind}"], calls), "vip": "172.16.21.99", "virtual_router_id": 99}
        components[f"other-{kind}"] = type(section).model_validate(given)
    settings = first.model_copy(update={"hosts": hosts, "components": components})
    return Context(stack="twice", settings=settings, secrets=Secrets(stack="twice", stack_secret=TEST_SECRET))


@pytest.mark.parametrize("name", ["drbd", "files", "web", "pair"])
def test_two_pairs_of_one_kind_stand_in_a_program_of_ones_own(name: str) -> None:
    context = twice(name)
    assert problems(context.settings) == []
    plan = make_plan(context)
    first, second = plan.components.values()
    assert len({step.id for step in plan.steps}) == len(first.steps) + len(second.steps)
    assert dict(first.promises) == dict(second.promises)
    assert not set(first.roles) & set(second.roles)
