"""From what the programs print to facts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ops.components import components_of
from ops.hosts.answer import host_facts, parse_clock
from ops.hosts.facts import Clock, HostFacts
from ops.kinds.galera.findings import node_findings
from ops.kinds.galera.wsrep import Session, Wsrep, parse_figures
from ops.roles.agent import Agent
from ops.roles.ipvs import Ipvs, Kept, Silence, parse_ipvs, parse_kept, parse_table
from ops.roles.mariadb import Server
from ops.roles.real_server import DirectRouting
from ops.roles.vrrp import VrrpLog, parse_vrrp_log
from tests.ops import stack

IPVS = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  172.16.21.188:3306 rr persistent 50
  -> 172.16.21.181:3306           Route   1      4          12
  -> 172.16.21.182:3306           Route   0      0          3
FWM  1 wlc
  -> 172.16.21.182:3306           Route   1      0          0
TCP  [fd00::1]:3307 mh (mh-port)
  -> [fd00::2]:3307               Masq    100    0          0
TCP  172.16.21.189:3306 fo
"""


def test_ipvs() -> None:
    first, second, third = parse_table(IPVS)
    assert (first.host, first.port, first.scheduler, first.flags) == ("172.16.21.188", 3306, "rr", "persistent 50")
    assert [(s.address, s.weight, s.active, s.inactive) for s in first.servers] == [
        ("172.16.21.181", 1, 4, 12),
        ("172.16.21.182", 0, 0, 3),
    ]
    assert (second.host, second.port, second.flags) == ("fd00::1", 3307, "(mh-port)")
    assert [(s.address, s.forward, s.weight) for s in second.servers] == [("fd00::2", "Masq", 100)]
    assert third.servers == ()


def test_an_empty_table_is_a_table() -> None:
    assert parse_table("\n".join(IPVS.splitlines()[:3])) == ()


def test_who_is_kept() -> None:
    said = {"kept": {"mdb2": {"what": "late", "seconds": 12.5}, "mdb3": {"what": "silent", "seconds": None}}}
    assert parse_kept(said) == Kept(
        servers={"mdb2": Silence(what="late", seconds=12.5), "mdb3": Silence(what="silent")}
    )
    assert parse_kept({}) is None


def test_wsrep_samples_are_told_apart() -> None:
    first = "wsrep_ready\tON\nwsrep_flow_control_paused_ns\t5"
    last = "wsrep_ready\tOFF\nwsrep_flow_control_paused_ns\t9"
    text = f"{first}\n--sample--0\n{last}\nread_only\tON\nversion\t10.11"
    found = parse_figures(0, text)
    assert found.text("ready") == "OFF"
    assert found.number("flow_control_paused_ns") - found.number("flow_control_paused_ns", first=True) == 4
    assert found.variables == {"read_only": "ON", "version": "10.11"}


def test_wsrep_says_why_there_is_none() -> None:
    assert "ERROR 2002" in parse_figures(1, "ERROR 2002 (HY000): Can't connect").error
    assert "124" in parse_figures(124, "").error


def test_vrrp_log() -> None:
    assert parse_vrrp_log({"vrrp_log": "(VI_51) Entering BACKUP STATE (init)"}) == VrrpLog(state="BACKUP")
    assert parse_vrrp_log({"vrrp_log": "-- No entries --"}) == VrrpLog(state=None)
    assert parse_vrrp_log({}) == VrrpLog(state=None)


CHRONY = "AC101501,172.16.21.1,3,1763690000.1,0.000001,0.0,0.0,1.0,0.0,0.0,0.01,0.001,64.2,{leap}"


@pytest.mark.parametrize(
    ("theirs", "chrony", "clock"),
    [
        ("100.5", CHRONY.format(leap="Normal"), Clock(off_s=0.0, synced=True)),
        ("98.0", CHRONY.format(leap="Not synchronised"), Clock(off_s=2.0, synced=False)),
        ("104.0", "506 Cannot talk to daemon", Clock(off_s=3.0, synced=None)),
        ("date: not found", None, Clock()),
    ],
)
def test_clock(theirs: str, chrony: str | None, clock: Clock) -> None:
    assert parse_clock(theirs, chrony, sent=100.0, received=101.0) == clock


def test_a_table_that_could_not_be_had_says_why() -> None:
    assert parse_ipvs({"ipvs": {"code": 1, "text": "Can't initialize ipvs\nmore"}}) == Ipvs(
        services=None, error="Can't initialize ipvs"
    )
    assert parse_ipvs({}) is None


def answered(host: str, text: str) -> HostFacts:
    """Its facts, as the components that it belongs to read them."""
    mine = [one for one in components_of(stack.inventory()).values() if host in one.entry.hosts]
    return host_facts(host, mine, text, sent=100, received=101)


def test_a_host_that_prints_nothing_of_ours_is_unknown_not_down() -> None:
    found = answered("ha1", "Please login as the user debian")
    assert (found.reached, found.unknown) == (False, True)
    assert "Please login" in found.error


def test_a_whole_answer() -> None:
    said = {
        "clock": 100.5,
        "addresses": {"eth0": ["172.16.21.181"]},
        "draining": "new disk",
        "units": {"mariadb": "active", "mariadb-ha-agent": "inactive", "mariadb-ha-lvsdr": "active"},
        "lvsdr": {"code": 1, "text": "172.16.21.188/32 on lo: no"},
        "wsrep": {"code": 1, "text": "ERROR 2002"},
        "agent": {"status": 503, "words": "no: down", "seconds": 0.7},
        "not_in_force": ["70-mariadb-ha.cnf", "71-mariadb-ha-wsrep.cnf"],
        "failed": {"facts_director": "OSError: x"},
    }
    found = answered("mdb2", "Welcome\n" + json.dumps(said))
    assert found.draining == "new disk"
    assert found.addresses == {"eth0": ("172.16.21.181",)}
    assert found.units == said["units"]
    assert found.part(DirectRouting) == DirectRouting(code=1, words="172.16.21.188/32 on lo: no")
    assert found.part(Wsrep) == Wsrep(error="ERROR 2002")
    assert found.part(Agent) == Agent(status=503, words="no: down", seconds=0.7)
    assert found.part(Ipvs) is None
    assert found.part(Server) == Server(not_in_force=("70-mariadb-ha.cnf", "71-mariadb-ha-wsrep.cnf"))
    assert found.failed == {"facts_director": "OSError: x"}


def test_sessions_are_no_figures() -> None:
    text = (
        "wsrep_ready\tON\n--sample--0.5\nwsrep_ready\tON\nread_only\tOFF\nwsrep_desync\tON\n"
        "session\t17\tapp\t90\tWaiting for table metadata lock\tALTER TABLE\n"
        "session\t2\tsystem user\t12\t\t\nversion\t10.11"
    )
    found = parse_figures(0, text)
    assert found.variables == {"read_only": "OFF", "wsrep_desync": "ON", "version": "10.11"}
    assert found.sessions == (
        Session(number=17, user="app", seconds=90.0, state="Waiting for table metadata lock", statement="ALTER TABLE"),
        Session(number=2, user="system user", seconds=12.0, state="", statement=""),
    )


def test_the_span_between_the_samples_is_what_it_really_was() -> None:
    """A busy server sleeps longer: flow control of 0.2 s in 2 s is no pause of 40 %."""
    text = "wsrep_flow_control_paused_ns\t0\n--sample--2.0000\nwsrep_flow_control_paused_ns\t200000000"
    found = parse_figures(0, text)
    assert found.span == 2.0
    busy = replace(stack.wsrep(flow_control_paused_ns="200001000"), span=found.span)
    assert not [f for f in node_findings("mdb2", busy, None, size=3, serves=True) if "paused" in f.what]
    assert parse_figures(124, "mariadb: no answer in 40 s").slow
