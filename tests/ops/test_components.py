"""A stack of several components: each is shown, judged and drilled by itself, and none by accident of its name."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ops import kinds
from ops.component import Component
from ops.components import components_of
from ops.drift.look import HostDrift
from ops.drift.repair import turns
from ops.drill.before import struck_component
from ops.drill.command import fault_named, faults_of
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Answer
from ops.inventory import Inventory, parse
from ops.kinds.directors.component import Directors
from ops.kinds.directors.drills import DIRECTOR_KILL, DIRECTOR_STOP, FAULTS
from ops.kinds.galera.wsrep import Wsrep
from ops.ledger.addresses import clients_component
from ops.ledger.store import Store, ledger_nodes
from ops.roles.ipvs import Ipvs
from ops.status.look import Status, as_json, status_of
from ops.status.report import print_status
from tests.conftest import ROOT
from tests.ops import stack
from tests.ops.fakes import FakeShell

KEPT = ROOT / "tests/golden/kept"
#: Where the second system's hosts and VIP are.
OTHER_VIP = "172.16.22.188"


def renamed(value: Any) -> Any:
    """The same for a second system: hosts and components called b-…, in another network."""
    if isinstance(value, dict):
        return {renamed(key): renamed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner) for inner in value]
    if isinstance(value, str) and value in {*stack.inventory().hosts, "galera-1", "directors-1"}:
        return f"b-{value}"
    return value.replace("172.16.21.", "172.16.22.") if isinstance(value, str) else value


def two_systems() -> Inventory:
    """Two clusters behind two pairs; the first is where the stack's writers go."""
    data = stack.inventory_data()
    pair = {**data["components"]["directors"], "forwards_to": "galera-1"}
    data["components"] = {"directors-1": pair, "galera-1": data["components"]["galera"]}
    other = renamed({"hosts": data["hosts"], "components": data["components"]})
    data["hosts"] |= other["hosts"]
    data["components"] = {**other["components"], **data["components"]}
    return parse(data, "test")


def two_systems_facts() -> dict[str, HostFacts]:
    """All is well in both."""
    first = stack.facts()
    second = {}
    for host, facts in first.items():
        addresses = {link: tuple(map(renamed, found)) for link, found in facts.addresses.items()}
        parts = dict(facts.parts)
        if table := facts.part(Ipvs):
            services = [
                replace(
                    service,
                    host=OTHER_VIP,
                    servers=tuple(replace(server, address=renamed(server.address)) for server in service.servers),
                )
                for service in table.services or ()
            ]
            parts[Ipvs] = Ipvs(services=tuple(services))
        second[f"b-{host}"] = replace(facts, host=f"b-{host}", addresses=addresses, parts=parts)
    return {**first, **second}


def looked(**changes: HostFacts) -> Status:
    return status_of(two_systems(), two_systems_facts() | changes)


def printed(status: Status) -> str:
    console = Console(file=io.StringIO(), width=200)
    print_status(console, "dev", status)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_two_components_of_one_kind_are_both_shown_and_named() -> None:
    status = looked()
    assert status.findings == []
    lines = {line.strip() for line in printed(status).splitlines()}
    for title in (
        "Directors, directors-1",
        "Directors, b-directors-1",
        "IPVS, b-directors-1",
        "Galera, galera-1",
        "Galera, b-galera-1",
    ):
        assert title in lines
    assert as_json(two_systems(), status)["vip_holders"] == {stack.VIP: ["ha1"], OTHER_VIP: ["b-ha1"]}


def test_what_is_wrong_with_one_is_not_said_of_the_other() -> None:
    facts = two_systems_facts()
    split = replace(facts["b-mdb3"], parts={**facts["b-mdb3"].parts, Wsrep: stack.wsrep(cluster_state_uuid="other")})
    found = looked(**{"b-mdb3": split, "b-ha2": stack.unreachable("b-ha2")}).findings
    assert [finding.host for finding in found] == ["stack", "stack", "b-ha2"]
    assert "b-ha1 is the only director left" in found[0].what
    assert "b-mdb3 other" in found[1].what
    assert not any("mdb1+mdb2+mdb3" in finding.what for finding in found)


def test_the_target_says_which_pair_is_struck() -> None:
    inventory = two_systems()
    assert struck_component(inventory, DIRECTOR_KILL, "b-ha2").name == "b-directors-1"
    with pytest.raises(OpsError) as caught:
        struck_component(inventory, DIRECTOR_KILL, None)
    assert caught.value.code is Exit.REFUSED
    assert "b-directors-1 or directors-1" in caught.value.what
    assert "--target: b-ha1, b-ha2, ha1, ha2" in caught.value.todo


def test_a_ledger_is_read_where_the_writes_of_its_endpoint_go() -> None:
    inventory = two_systems()
    assert ledger_nodes(clients_component(inventory)).nodes == ("mdb2", "mdb3", "mdb1")
    other = struck_component(inventory, DIRECTOR_STOP, "b-ha1")
    assert ledger_nodes(other).nodes == ("b-mdb2", "b-mdb3", "b-mdb1")


def test_a_ledger_is_read_after_the_node_has_applied_what_was_committed() -> None:
    asked: list[str] = []

    class Scripts(FakeShell):
        def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
            asked.append(script)
            return super().run(host, script, timeout=timeout)

    Store(ledger_nodes(clients_component(stack.inventory())), Scripts({"mdb1": [1]})).read()
    assert len(asked) == 3
    assert all("SET SESSION wsrep_sync_wait=15; CHECKSUM TABLE" in script for script in asked)


def test_where_nothing_keeps_data_no_ledger_is_written() -> None:
    inventory = stack.inventory()
    with pytest.raises(OpsError, match="can be read on no host") as caught:
        ledger_nodes(Component("x", inventory.components["galera"], inventory))
    assert caught.value.code is Exit.REFUSED


def test_each_cluster_is_rolled_by_itself_and_the_pairs_come_last() -> None:
    def drifted(host: str, name: str) -> HostDrift:
        return HostDrift(host=host, reached=True, unfinished=(name,))

    hosts = ("mdb1", "mdb2", "b-mdb1", "b-mdb3")
    found = {host: drifted(host, "galera") for host in hosts} | {
        host: drifted(host, "director") for host in ("ha1", "b-ha2")
    }
    order = [turn.host for turn in turns(two_systems(), found)[1]]
    assert order == ["b-mdb1", "b-mdb3", "mdb1", "mdb2", "b-ha2", "ha1"]


def test_without_directors_a_cluster_takes_the_writes_itself() -> None:
    inventory = parse(stack.without_directors(), "test")
    assert clients_component(inventory).name == "galera"
    assert faults_of(inventory) == []
    status = status_of(inventory, {host: facts for host, facts in stack.facts().items() if host in inventory.hosts})
    assert status.findings == []
    assert "Directors" not in printed(status)
    with pytest.raises(OpsError, match="needs two hosts with the role director; this stack has 0"):
        struck_component(inventory, DIRECTOR_KILL, None)


@pytest.mark.parametrize("kept", sorted(KEPT.glob("*/outputs.json")), ids=lambda file: file.parent.name)
def test_the_outputs_of_every_kept_stack_are_understood(kept: Path) -> None:
    """As `up` gives them: tests/golden keeps them."""
    inventory = parse(json.loads(kept.read_text()) | {"stack": "dev"}, "test")
    components = components_of(inventory)
    assert {host for component in components.values() for host in component.entry.hosts} == set(inventory.hosts)
    assert all(any(component.units(host) for component in components.values()) for host in inventory.hosts)
    if "balancers" in components:
        assert list(components) == ["master_master", "replicas", "balancers"]
        assert ledger_nodes(clients_component(inventory)).nodes == ("db1", "db2", "r1", "r2")
    if "directors" not in components:
        return
    servers = "master_master" if "masters" in kept.parent.name else "galera"
    assert [component.entry.kind for component in components.values()] == [servers, "directors"]
    directors = components["directors"]
    assert isinstance(directors, Directors)
    assert directors.virtual_services[0] == inventory.endpoints["writer"]
    assert {endpoint.host for endpoint in directors.virtual_services} == set(directors.vrrp.vips)
    assert ledger_nodes(clients_component(inventory)).nodes[0] in directors.real_servers


@pytest.mark.parametrize(("kept", "role"), [("drbd", "primary"), ("read-balancing", "writer")])
def test_a_fault_is_the_stacks_own_where_two_kinds_call_theirs_alike(kept: str, role: str) -> None:
    inventory = parse(json.loads((KEPT / kept / "outputs.json").read_text()) | {"stack": "dev"}, "test")
    assert fault_named(inventory, "link-cut").role == role
    assert fault_named(stack.inventory(), "link-cut").name == "link-cut", "its refusal says what it needs"


def test_a_stack_has_the_faults_of_its_components() -> None:
    assert faults_of(stack.inventory()) == list(FAULTS)


def test_outputs_that_a_kind_cannot_use_are_named() -> None:
    data = stack.inventory_data()
    del data["components"]["galera"]["nodes"]
    with pytest.raises(OpsError, match="the component galera cannot be used: nodes: Field required") as caught:
        components_of(parse(data, "test"))
    assert caught.value.code is Exit.UNREACHABLE


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="there is a kind galera already"):
        kinds.register("galera", Component)
    assert kinds.KINDS["galera"] is not Component
