"""A web pair: what is wrong, in words; what `hactl status --json` says of its hosts; what a drill is told."""

from __future__ import annotations

from typing import Any

import pytest

from ops.components import components_of
from ops.kinds.web.component import Nginx, Web
from ops.kinds.web.drills import FAULTS, VRRP_BLOCKED, WEB_STOP
from ops.roles.agent import Agent
from ops.roles.vrrp import DIRECTOR_STOP, VrrpLog
from ops.status.look import as_json
from tests.ops import web
from tests.ops.stack import unreachable
from tests.ops.web import VIP

DOWN = {"nginx": "failed", "keepalived": "active", "mariadb-ha-agent": "active"}

#: (changes by host, severity, host named, words that must be there)
TABLE: list[tuple[str, dict[str, Any], str, str, list[str]]] = [
    (
        "two holders",
        {"web2": {"addresses": {"eth0": ("172.16.21.62", VIP)}}},
        "problem",
        "stack",
        ["web1 and web2 both hold the VIP", "split brain of the web hosts", "IP protocol 112"],
    ),
    ("no holder", {"web1": {"addresses": {"eth0": ()}}}, "problem", "stack", ["no web host holds the VIP"]),
    ("a dead nginx", {"web1": {"units": DOWN}}, "problem", "web1", ["nginx is failed", "gives up the VIP"]),
    (
        "a host in FAULT",
        {"web2": {"parts": [VrrpLog(state="FAULT")]}},
        "problem",
        "web2",
        ["keepalived's last state is FAULT", "the web hosts have no redundancy"],
    ),
    ("keepalived down", {"web2": {"units": {"keepalived": "failed"}}}, "problem", "web2", ["take it over"]),
    ("agent down", {"web2": {"units": {"mariadb-ha-agent": "failed"}}}, "problem", "web2", ["both hosts hold the VIP"]),
    ("host lost", {"web2": unreachable("web2")}, "problem", "web2", ["the web pair has no redundancy"]),
    (
        "upstream down",
        {"web1": {"parts": [Agent(status=503, words="the page answers with 502; holds the VIP")]}},
        "problem",
        "web1",
        ["the page answers with 502", "clients see it"],
    ),
    (
        "upstream down on the stand-by",
        {"web2": {"parts": [Agent(status=503, words="the page answers with 502; stands by")]}},
        "problem",
        "web2",
        ["no client sees it before a failover"],
    ),
    (
        "the other one has it",
        {"web1": {"addresses": {"eth0": ()}}, "web2": {"addresses": {"eth0": (VIP,)}}},
        "warning",
        "web1",
        ["web2 holds the VIP", "within 5 s"],
    ),
]


@pytest.mark.parametrize(
    ("changes", "severity", "host", "words"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_finding(changes: dict[str, Any], severity: str, host: str, words: list[str]) -> None:
    found = web.looked(**changes).findings
    assert any(f.severity == severity and f.host == host and all(word in f.line() for word in words) for f in found), [
        f.line() for f in found
    ]


def test_a_healthy_pair_says_nothing() -> None:
    looked = web.looked()
    assert looked.findings == []
    document = as_json(web.inventory(), looked)
    assert document["vip_holders"] == {VIP: ["web1"]}
    assert document["hosts"]["web2"]["vrrp_state"] == "BACKUP"
    assert document["hosts"]["web1"]["agent"]["words"].endswith("holds the VIP")
    assert looked.versions()["nginx"] == "1.22.1"


def component() -> Web:
    found = components_of(web.inventory())["web"]
    assert isinstance(found, Web)
    return found


def test_facts_are_read_from_what_the_host_says() -> None:
    said = {"web": {"version": "1.22.1", "log": ""}, "vrrp_log": "Entering FAULT STATE"}
    assert list(component().parse("web1", said)) == [Nginx(version="1.22.1", log=""), VrrpLog(state="FAULT")]


def test_every_fault_strikes_the_holder() -> None:
    pair = component()
    for fault in FAULTS:
        assert pair.targets(fault) == ("web1", "web2")
        assert pair.first_target(fault, web.facts()) == "web1"
    assert [str(getattr(pair.stopped(fault), "unit", None)) for fault in (WEB_STOP, DIRECTOR_STOP)] == [
        "nginx",
        "keepalived",
    ]


def test_a_block_of_vrrp_touches_its_own_table_only() -> None:
    fault = component().scripted(VRRP_BLOCKED, "web1")
    assert fault is not None
    assert "table inet mariadb_ha_drill" in fault.make
    assert "ip protocol vrrp drop" in fault.make
    assert fault.undo.startswith("nft delete table inet mariadb_ha_drill")
    assert "flush" not in fault.make + fault.undo
    assert component().scripted(WEB_STOP, "web1") is None


def test_where_requests_go() -> None:
    pages = component().pages()
    assert (pages.endpoint.host, pages.endpoint.port, pages.tls, pages.alike) == (VIP, 80, False, True)
    assert dict(pages.nodes) == {"web1": "172.16.21.61", "web2": "172.16.21.62"}
