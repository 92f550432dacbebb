"""From what the programs print to facts."""

from __future__ import annotations

from typing import Any

import pytest

from ops.facts import Agent, Clock
from ops.gather import gather_host
from ops.parsers import parse_addresses, parse_clock, parse_host, parse_ipvs, parse_vrrp_log, parse_wsrep
from ops.probe import SCRIPT
from ops.shell import Answer
from tests.ops import stack
from tests.ops.fakes import FakeShell

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
    first, second, third = parse_ipvs(IPVS)
    assert (first.host, first.port, first.scheduler, first.flags) == ("172.16.21.188", 3306, "rr", "persistent 50")
    assert [(s.address, s.weight, s.active, s.inactive) for s in first.servers] == [("172.16.21.181", 1, 4, 12), ("172.16.21.182", 0, 0, 3)]
    assert (second.host, second.port, second.flags) == ("fd00::1", 3307, "(mh-port)")
    assert [(s.address, s.forward, s.weight) for s in second.servers] == [("fd00::2", "Masq", 100)]
    assert third.servers == ()


def test_an_empty_table_is_a_table() -> None:
    assert parse_ipvs("\n".join(IPVS.splitlines()[:3])) == ()


def test_addresses() -> None:
    assert parse_addresses({"lo": ["127.0.0.1"], "eth0": ["172.16.21.201", "172.16.21.188"]})["eth0"] == ("172.16.21.201", "172.16.21.188")
    assert parse_addresses(None) == {}


def test_wsrep_samples_are_told_apart() -> None:
    first, last = ({"wsrep_ready": ready, "wsrep_flow_control_paused_ns": paused} for ready, paused in (("ON", "5"), ("OFF", "9")))
    found = parse_wsrep({"first": first, "last": last, "seconds": 0.7, "variables": {"read_only": "ON"}})
    assert found.text("ready") == "OFF"
    assert found.number("flow_control_paused_ns") - found.number("flow_control_paused_ns", first=True) == 4
    assert (found.variables, found.seconds) == ({"read_only": "ON"}, 0.7)


@pytest.mark.parametrize(("said", "words"), [({"error": "Can't connect"}, "Can't connect"), ({"first": {}, "last": {}}, "without a wsrep figure")])
def test_wsrep_says_why_there_is_none(said: dict[str, Any], words: str) -> None:
    assert words in parse_wsrep(said).error


def test_vrrp_log() -> None:
    assert parse_vrrp_log("(VI_51) Entering BACKUP STATE (init)") == "BACKUP"
    assert parse_vrrp_log("-- No entries --") is None


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


def shell(answer: Answer) -> FakeShell:
    found = FakeShell()
    found.fail[SCRIPT.splitlines()[0]] = answer
    return found


@pytest.mark.parametrize(
    ("answer", "silence", "words"),
    [
        (Answer(reached=False, error="No route to host"), "unreachable", "No route"),
        (Answer(reached=False, slow=True, error="no answer within 60 s"), "slow", "within 60 s"),
        (Answer(reached=True, code=127), "bare", "not there"),
        (Answer(reached=True, code=1, error="mdb2: host-facts: /etc/mariadb-ha/host.env cannot be read\n"), "mute", "host.env cannot be read"),
        (Answer(reached=True, out="Please login as the user debian"), "mute", "Please login"),
        (Answer(reached=True, out='{"clock": 1, "sql": {"last": {"wsrep_ready": "ON"}}}'), "mute", "not what hactl understands"),
    ],
)
def test_a_host_without_facts_says_why(answer: Answer, silence: str, words: str) -> None:
    found = gather_host(stack.inventory(), shell(answer), "mdb2")
    assert (found.reached, found.silence) == (False, silence)
    assert words in found.error


def test_what_a_host_does_not_know_of_itself_is_not_passed_over() -> None:
    """Unknown is not empty: a role that gave nothing is a finding."""
    inventory = stack.inventory()
    node = parse_host("mdb2", inventory.hosts["mdb2"], {"clock": 100.5, "failed": {"galera": "no module named pymysql"}}, sent=100, received=101)
    assert node.wsrep is not None
    assert node.wsrep.error == "no module named pymysql"
    assert node.lvsdr == 1
    assert "does not know that it is a realserver" in node.lvsdr_words
    assert node.units == {"mariadb": "unknown", "mariadb-ha-agent": "unknown", "mariadb-ha-lvsdr": "unknown"}
    director = parse_host("ha1", inventory.hosts["ha1"], {"clock": 100.5}, sent=100, received=101)
    assert director.ipvs is None
    assert "does not know that it is a director" in director.ipvs_error


def test_a_whole_answer() -> None:
    said = {
        "clock": 100.5,
        "addresses": {"lo": ["127.0.0.1"]},
        "units": {"mariadb": "active", "mariadb-ha-agent": "inactive", "mariadb-ha-lvsdr": "active"},
        "chrony": {"code": 0, "text": CHRONY.format(leap="Normal")},
        "draining": "new disk",
        "rolling": False,
        "lvsdr": {"code": 1, "text": "172.16.21.188/32 on lo: no"},
        "sql": {"error": "Can't connect"},
        "agent": {"status": 503, "words": "no: down", "seconds": 0.2},
        "not_in_force": ["70-mariadb-ha.cnf"],
    }
    found = parse_host("mdb2", stack.inventory().hosts["mdb2"], said, sent=100, received=101)
    assert (found.draining, found.rolling, found.not_in_force) == ("new disk", False, ("70-mariadb-ha.cnf",))
    assert found.units == said["units"]
    assert (found.lvsdr, found.lvsdr_words) == (1, "172.16.21.188/32 on lo: no")
    assert found.wsrep is not None
    assert found.wsrep.error == "Can't connect"
    assert found.agent == Agent(status=503, words="no: down", seconds=0.2)
    assert found.clock == Clock(off_s=0.0, synced=True)
