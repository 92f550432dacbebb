"""Two nodes, an arbitrator and a VIP of their own, as `hactl` sees them: the arbitrator is shown and counted apart."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ops.drift.look import HostDrift
from ops.drift.repair import turns
from ops.drill.before import check_fault, struck_component
from ops.drill.command import faults_of
from ops.errors import OpsError
from ops.hosts.facts import Clock, HostFacts
from ops.inventory import Inventory, parse
from ops.kinds.galera.component import Galera
from ops.kinds.galera.drills import ARBITRATOR_KILL, NODE_KILL, NODE_STOP
from ops.roles.agent import Agent
from ops.roles.mariadb import Server
from ops.roles.watched_vip import WatchedVip, parse_watched_vip
from ops.status.look import Status, as_json, status_of
from ops.status.report import print_status
from tests.conftest import ROOT
from tests.ops.fakes import FakePower
from tests.ops.stack import parts, unreachable, wsrep

KEPT = ROOT / "tests/golden/kept/arbitrator/outputs.json"
VIP = "172.16.21.75"
WHOLE = "172.16.21.76:0,172.16.21.77:0,"
NODE_UNITS = dict.fromkeys(("mariadb", "mariadb-ha-agent", "keepalived", "mariadb-ha-vip-watch"), "active")


def inventory() -> Inventory:
    """As `up` gives it: tests/golden keeps it."""
    access = {"run": [], "client_addresses": [], "ssh_key": "k", "known_hosts": "h"}
    return parse(json.loads(KEPT.read_text()) | {"stack": "arbitrated", "access": access}, "test")


def facts(**changes: Any) -> dict[str, HostFacts]:
    """A healthy stack, with changes by host: fields, or a whole HostFacts. `parts` is a list of those that differ."""
    clock = Clock(off_s=0.0, synced=True)

    def node(host: str, *more: str) -> HostFacts:
        return HostFacts(
            host=host,
            reached=True,
            addresses={"lo": ("127.0.0.1",), "host0": (inventory().hosts[host].address, *more)},
            units=NODE_UNITS,
            clock=clock,
            parts=parts(
                wsrep(incoming_addresses=WHOLE), Server(), Agent(status=200, words="ok"), WatchedVip(eligible=True)
            ),
        )

    found = {
        "arb1": HostFacts(host="arb1", reached=True, units={"mariadb-ha-arbitrator": "active"}, clock=clock),
        "mdb1": node("mdb1", VIP),
        "mdb2": node("mdb2"),
    }
    for host, change in changes.items():
        if isinstance(change, HostFacts):
            found[host] = change
        else:
            mine = {**found[host].parts, **parts(*change.get("parts", ()))}
            found[host] = replace(found[host], **{**change, "parts": mine})
    return found


def looked(**changes: Any) -> Status:
    return status_of(inventory(), facts(**changes))


def printed(status: Status) -> str:
    out = io.StringIO()
    print_status(Console(file=out, width=160), "arbitrated", status)
    return out.getvalue()


def told(status: Status) -> list[str]:
    return [f"{finding.host}: {finding.what}" for finding in status.findings]


def galera() -> Galera:
    found = struck_component(inventory(), NODE_KILL, None)
    assert isinstance(found, Galera)
    return found


def alone(**more: str) -> Any:
    """A node that sees itself and the arbitrator."""
    return wsrep(cluster_size="2", incoming_addresses="172.16.21.76:0,", **more)


def test_all_is_well() -> None:
    status = looked()
    assert told(status) == []
    text = printed(status)
    assert "Arbitrator" in text
    assert "votes" in text
    assert VIP in text
    assert as_json(inventory(), status)["hosts"]["arb1"]["arbitrator"] == {"unit": "active"}


@pytest.mark.parametrize(
    ("changes", "host", "words", "shown"),
    [
        (
            {"arb1": {"units": {"mariadb-ha-arbitrator": "inactive"}}},
            "arb1",
            "mariadb-ha-arbitrator is inactive",
            "inactive",
        ),
        (
            {
                "mdb1": {"parts": [wsrep(cluster_size="2", incoming_addresses="a:0,b:0")]},
                "mdb2": {"parts": [wsrep(cluster_size="2", incoming_addresses="a:0,b:0")]},
            },
            "arb1",
            "runs, but is no member: no node counts its vote",
            "runs, no node counts its vote",
        ),
        ({"arb1": unreachable("arb1")}, "arb1", "Connection timed out", "?"),
        ({"mdb1": {"parts": [alone()]}}, "mdb1", "it sees 1 of 2 nodes with data, and the arbitrator", "votes"),
        (
            {"mdb2": {"parts": [WatchedVip(eligible=False, why="read_only is ON")]}},
            "mdb2",
            "it may not hold the VIP (read_only is ON)",
            "no: read_only is ON",
        ),
        (
            {"mdb2": {"units": {**NODE_UNITS, "mariadb-ha-vip-watch": "failed"}}},
            "mdb2",
            "mariadb-ha-vip-watch is failed",
            "votes",
        ),
        ({"mdb1": {"addresses": {"host0": ("172.16.21.76",)}}}, "stack", f"no node holds the VIP {VIP}", "–"),
        (
            {"mdb2": {"addresses": {"host0": ("172.16.21.77", VIP)}}},
            "stack",
            f"mdb1 and mdb2 both hold the VIP {VIP}",
            VIP,
        ),
    ],
    ids=["stopped", "not counted", "unreached", "one node", "not eligible", "watcher", "no holder", "two holders"],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], host: str, words: str, shown: str) -> None:
    status = looked(**changes)
    assert any(line.startswith(f"{host}: ") and words in line for line in told(status)), told(status)
    assert not status.healthy
    assert shown in printed(status)


def test_an_arbitrator_is_no_missing_node_and_stands_in_for_none() -> None:
    assert wsrep(incoming_addresses=WHOLE).data_nodes() == 2
    assert wsrep(incoming_addresses=WHOLE).arbitrators() == 1
    assert wsrep().data_nodes() == 3, "a server that does not say"
    assert alone().data_nodes() == 1


def test_one_that_is_not_primary_blames_nobody() -> None:
    gone = wsrep(cluster_status="non-Primary", cluster_size="1", incoming_addresses="a:0")
    status = looked(mdb1={"parts": [gone]}, mdb2=unreachable("mdb2"))
    assert not [line for line in told(status) if line.startswith("arb1")]


def test_the_faults_are_the_nodes_and_the_arbitrators() -> None:
    assert [fault.name for fault in faults_of(inventory())] == ["node-stop", "node-kill", "arbitrator-kill"]
    component = galera()
    assert component.targets(NODE_STOP) == ("mdb1", "mdb2")
    assert component.targets(ARBITRATOR_KILL) == ("arb1",)
    assert component.first_target(NODE_STOP, facts()) == "mdb1", "the VIP's holder"
    assert component.first_target(ARBITRATOR_KILL, facts()) == "arb1"


def test_one_arbitrator_is_enough_to_be_struck() -> None:
    check_fault(galera(), FakePower([]), ARBITRATOR_KILL, None)
    with pytest.raises(OpsError, match="node-kill strikes one of mdb1, mdb2"):
        struck_component(inventory(), NODE_KILL, "arb1")


def test_changes_are_brought_to_the_nodes_then_the_arbitrator_then_the_vip() -> None:
    found = {
        host: HostDrift(host=host, reached=True, unfinished=names)
        for host, names in {"mdb1": ("galera", "vip"), "mdb2": ("galera", "vip"), "arb1": ("arbitrator",)}.items()
    }
    component = galera()
    order = [(each.owner_set, each.hosts) for each in component.deliveries()]
    assert order == [("galera", ("mdb2", "mdb1")), ("arbitrator", ("arb1",)), ("vip", ("mdb2", "mdb1"))]
    assert turns(inventory(), found)


def test_what_a_host_says_of_its_watcher() -> None:
    said = {"watched_vip": {"eligible": False, "why": "draining: roll"}}
    assert parse_watched_vip(said) == WatchedVip(eligible=False, why="draining: roll")
    assert parse_watched_vip({"watched_vip": None}) is None
    assert parse_watched_vip({}) is None
