"""Replicas and balancers: what is wrong, in words, and what `hactl status` shows of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ops.components import components_of
from ops.hosts.facts import Clock, HostFacts
from ops.inventory import Inventory, parse
from ops.ledger.addresses import reader, writer
from ops.ledger.store import ledger_nodes
from ops.roles.agent import Agent
from ops.roles.haproxy import Haproxy, PoolServer, parse_haproxy
from ops.roles.mariadb import Server
from ops.roles.promoter import Promoter
from ops.roles.replication import Replication
from ops.roles.vrrp import VrrpLog
from ops.status.look import Status, as_json, status_of
from tests.ops.stack import parts

PAIR_VIP, VIP = "172.16.21.50", "172.16.21.55"
ADDRESSES = {"db1": 51, "db2": 52, "r1": 53, "r2": 54, "lb1": 56, "lb2": 57}
WRITER, READER = {"host": VIP, "port": 3306}, {"host": VIP, "port": 3307}


def inventory() -> Inventory:
    """S8's."""
    priority = {"db1": 150, "db2": 100, "lb1": 100, "lb2": 99}
    hosts: dict[str, Any] = {
        host: {"address": f"172.16.21.{last}", "roles": [], "provisioner": "bare-metal", "priority": priority.get(host)}
        for host, last in ADDRESSES.items()
    }
    components: dict[str, Any] = {
        "balancers": {
            "kind": "balancers", "hosts": list(ADDRESSES), "endpoints": {"writer": WRITER, "reader": READER},
            "balancers": ["lb1", "lb2"], "vips": [VIP], "forwards_to": "master_master", "reads_from": "replicas",
            "reads_when_all_lag": "master", "vrrp": {"preempt": True, "preempt_delay_s": 15},
        },
        "master_master": {
            "kind": "master_master", "hosts": ["db1", "db2"], "masters": ["db1", "db2"], "vips": [PAIR_VIP],
            "endpoints": {"writer": {"host": PAIR_VIP, "port": 3306}}, "agent_port": 9200,
        },
        "replicas": {
            "kind": "replicas", "hosts": ["db1", "db2", "r1", "r2"], "endpoints": {}, "replicas": ["r1", "r2"],
            "follows": "master_master", "source_vip": PAIR_VIP, "max_lag_s": 10.0, "agent_port": 9200,
        },
    }  # fmt: skip
    document = {"contract_version": 1, "stack": "rb", "hosts": hosts, "components": components}
    return parse(document | {"endpoints": {"writer": WRITER, "reader": READER}}, "test")


def silent(*, writer: str = "DOWN", **held: str) -> Haproxy:
    """haproxy where no replica answers in time. `held`: those that are kept by their last word, with its status."""
    replicas = [PoolServer(pool="replicas", name=name, status="DOWN", check="L7TOUT") for name in ("r1", "r2")]
    backup = PoolServer(pool="replicas", name="writer", status=writer, backup=True)
    kept = [PoolServer(pool="held", name=name, status=held[name], backup=name == "writer") for name in held]
    return Haproxy(servers=(*replicas, backup, *kept))


def pool(r1: str = "UP", r2: str = "UP") -> Haproxy:
    """haproxy's servers."""
    return Haproxy(
        servers=(
            PoolServer(pool="writer", name="writer", status="no check", sessions=3),
            PoolServer(pool="replicas", name="r1", status=r1, check="L7OK" if r1 == "UP" else "L7STS"),
            PoolServer(pool="replicas", name="r2", status=r2, check="L7OK" if r2 == "UP" else "L7STS"),
            PoolServer(pool="replicas", name="writer", status="UP", backup=True),
        )
    )


REPLICA = Replication(read_only=True, gtid="0-1-7", version="10.11.9", source=PAIR_VIP, io="Yes", sql="Yes", behind_s=0)
FIT = Agent(status=200, words="ok: lags 0 s")


def facts() -> dict[str, HostFacts]:
    """A healthy stack."""

    def host(name: str, vip: str | None, units: tuple[str, ...], *found: object) -> HostFacts:
        links = {"lo": ("127.0.0.1",), "host0": (f"172.16.21.{ADDRESSES[name]}", *((vip,) if vip else ()))}
        clock = Clock(off_s=0.0, synced=True)
        states = dict.fromkeys(units, "active")
        return HostFacts(host=name, reached=True, addresses=links, units=states, clock=clock, parts=parts(*found))

    masters = ("mariadb", "mariadb-ha-agent", "keepalived", "mariadb-ha-promoter")
    one = replace(REPLICA, source="172.16.21.52", semi_sync=True, confirms=True, read_only=False)
    two = replace(REPLICA, source="172.16.21.51", semi_sync=True)
    up, down = (
        Promoter(heard=True, active=True, vip=True, right=True, eligible=True),
        Promoter(heard=True, active=False),
    )
    balancer, replica = ("haproxy", "keepalived"), ("mariadb", "mariadb-ha-agent")
    return {
        "db1": host("db1", PAIR_VIP, masters, one, Server(), up, Agent(status=200, words="ok: takes writes")),
        "db2": host(
            "db2", None, masters, two, Server(), replace(down, eligible=True), Agent(status=503, words="stands")
        ),
        "r1": host("r1", None, replica, REPLICA, Server(), FIT),
        "r2": host("r2", None, replica, REPLICA, Server(), FIT),
        "lb1": host("lb1", VIP, balancer, pool(), VrrpLog(state="MASTER")),
        "lb2": host("lb2", None, balancer, pool(), VrrpLog(state="BACKUP")),
    }


def looked(**changes: dict[str, Any]) -> Status:
    """What follows from such facts with changes by host: fields, and `parts` that are other ones."""
    found = facts()
    for name, change in changes.items():
        mine = {**found[name].parts, **parts(*change.get("parts", ()))}
        found[name] = replace(found[name], **{**change, "parts": mine})
    return status_of(inventory(), found)


def test_a_healthy_stack_has_nothing_to_say() -> None:
    assert looked().findings == []


LAGS = Agent(status=503, words="lags 12 s (max_lag_s 10)")
STOPPED = replace(REPLICA, sql="No", behind_s=None, trouble="error 1062: Duplicate entry")
DOWN = {"reached": False, "error": "Connection timed out"}

TABLE: list[tuple[str, dict[str, Any], str, str, tuple[str, ...]]] = [
    ("a replica lags", {"r1": {"parts": [LAGS]}}, "problem", "r1", ("takes no reads: lags 12 s", "caught up")),
    ("replication has stopped", {"r2": {"parts": [STOPPED, LAGS]}}, "problem", "r2", ("error 1062", PAIR_VIP)),
    ("a replica takes writes", {"r1": {"parts": [replace(REPLICA, read_only=False)]}}, "problem", "r1",
     ("read_only is OFF",)),
    ("a replica follows a server, not the VIP", {"r1": {"parts": [replace(REPLICA, source="172.16.21.51")]}},
     "problem", "r1", ("follows 172.16.21.51, not the VIP",)),
    ("a replica's MariaDB ended", {"r1": {"units": {"mariadb": "failed", "mariadb-ha-agent": "active"}}}, "problem",
     "r1", ("mariadb",)),
    ("a replica is gone", {"r2": DOWN}, "problem", "r2", ("unreachable", "one replica less")),
    ("haproxy leaves out one that is fit", {"lb1": {"parts": [pool(r2="DOWN")]}}, "warning", "lb1",
     ("sends r2 no reads: DOWN L7STS", "idle")),
    ("nobody to read from", {"lb1": {"parts": [pool(r1="DOWN", r2="DOWN")]}}, "problem", "lb1",
     ("no replica that is fit", "server that takes writes")),
    ("nobody answers in time", {"lb1": {"parts": [silent(r1="no check", r2="DOWN (agent)")]}}, "problem", "lb1",
     ("answers haproxy in time, and it keeps r1 for them", "may hang")),
    ("the writer is kept last", {"lb1": {"parts": [Haproxy(servers=(
        *silent(r1="DOWN (agent)", r2="DRAIN (agent)").servers,
        PoolServer(pool="held", name="writer", status="no check", backup=True),
    ))]}}, "problem", "lb1", ("it keeps writer for them",)),
    ("replicas are silent beside the writer", {"lb1": {"parts": [silent(writer="UP", r1="no check")]}}, "problem",
     "lb1", ("no replica that is fit", "server that takes writes")),
    ("all said no", {"lb1": {"parts": [silent(r1="DOWN (agent)", r2="DOWN (agent)")]}}, "problem", "lb1",
     ("no replica that is fit",)),
    ("haproxy does not answer", {"lb2": {"parts": [Haproxy(error="no such file")]}}, "problem", "lb2",
     ("does not answer on its socket (no such file)",)),
    ("haproxy ended", {"lb2": {"units": {"haproxy": "failed", "keepalived": "active"}}}, "problem", "lb2",
     ("haproxy", "sends no client anywhere")),
    ("one balancer left", {"lb2": DOWN}, "problem", "stack", ("lb1 is the only balancer left",)),
    ("nobody has the VIP", {"lb1": {"addresses": {"host0": ("172.16.21.56",)}}}, "problem", "stack",
     (f"no balancer holds the VIP {VIP}",)),
    ("two have the VIP", {"lb2": {"addresses": {"host0": ("172.16.21.57", VIP)}}}, "problem", "stack",
     ("lb1 and lb2 both hold", "split brain of the balancers")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "severity", "host", "words"), [case[1:] for case in TABLE], ids=[c[0] for c in TABLE]
)
def test_findings(changes: dict[str, Any], severity: str, host: str, words: tuple[str, ...]) -> None:
    found = looked(**changes).findings
    lines = [one.line() for one in found if one.host == host and one.severity == severity]
    assert any(all(word in line for word in words) for line in lines), [one.line() for one in found]


def test_a_lag_and_a_stop_are_said_once() -> None:
    assert len(looked(r2={"parts": [STOPPED, LAGS]}).findings) == 1
    assert len(looked(r1={"parts": [LAGS]}, lb1={"parts": [pool(r1="DOWN")]}).findings) == 1


def shown(status: Status) -> str:
    """The tables as text."""
    console = Console(width=200)
    with console.capture() as captured:
        for component in status.components.values():
            for table in component.report(status.facts):
                console.print(table)
    return captured.get()


def test_the_tables_name_lag_position_state_and_pools() -> None:
    text = shown(looked(r1={"parts": [LAGS, replace(REPLICA, behind_s=12)]}, lb1={"parts": [pool(r1="DOWN")]}))
    r1 = next(line for line in text.splitlines() if line.startswith("│ r1"))
    for word in ("catches up", "12 s", "0-1-7", "503 lags 12 s"):
        assert word in r1
    assert "takes reads" in next(line for line in text.splitlines() if line.startswith("│ r2"))
    for word in ("Replicas of master_master", "Balancers", "writer (backup)", "no check", "DOWN", VIP):
        assert word in text


def test_json_tells_vip_holders_and_pools() -> None:
    document = as_json(inventory(), looked())
    assert document["vip_holders"] == {PAIR_VIP: ["db1"], VIP: ["lb1"]}
    assert document["hosts"]["r1"]["replication"]["behind_s"] == 0
    assert document["hosts"]["lb1"]["haproxy"][1]["name"] == "r1"


def test_a_drill_of_the_pair_goes_through_the_balancers_and_reads_the_replicas_too() -> None:
    components = components_of(inventory())
    for name in ("master_master", "replicas", "balancers"):
        assert writer(inventory(), components[name]).host == VIP
        assert (found := reader(inventory(), components[name])) is not None
        assert (found.host, found.port) == (VIP, 3307)
        assert ledger_nodes(components[name]).nodes == ("db1", "db2", "r1", "r2")
        assert "read_only" in ledger_nodes(components[name]).guard


def test_haproxy_s_words() -> None:
    row = {
        "pxname": "replicas",
        "svname": "r1",
        "status": "UP 1/2",
        "scur": "4",
        "stot": "9",
        "check_status": "",
        "bck": "0",
    }
    found = parse_haproxy({"haproxy": {"error": "", "servers": [row]}})
    assert found is not None
    (server,) = found.pool("replicas")
    assert server.usable
    assert (server.sessions, server.total) == (4, 9)
    assert parse_haproxy({}) is None
