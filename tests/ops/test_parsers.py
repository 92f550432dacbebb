"""From what the programs print to facts."""

from __future__ import annotations

import json
import subprocess

import pytest

from ops import probe
from ops.facts import Clock
from ops.parsers import parse_addresses, parse_agent, parse_clock, parse_host, parse_ipvs, parse_vrrp_log, parse_wsrep
from ops.probe import split_parts
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
    first, second, third = parse_ipvs(IPVS)
    assert (first.host, first.port, first.scheduler, first.flags) == ("172.16.21.188", 3306, "rr", "persistent 50")
    assert [(s.address, s.weight, s.active, s.inactive) for s in first.servers] == [("172.16.21.181", 1, 4, 12), ("172.16.21.182", 0, 0, 3)]
    assert (second.host, second.port, second.flags) == ("fd00::1", 3307, "(mh-port)")
    assert [(s.address, s.forward, s.weight) for s in second.servers] == [("fd00::2", "Masq", 100)]
    assert third.servers == ()


def test_an_empty_table_is_a_table() -> None:
    assert parse_ipvs("\n".join(IPVS.splitlines()[:3])) == ()


def test_addresses() -> None:
    links = [
        {"ifname": "lo", "addr_info": [{"local": "127.0.0.1"}]},
        {"ifname": "eth0", "addr_info": [{"local": "172.16.21.201", "prefixlen": 24}, {"local": "172.16.21.188", "label": "eth0:0"}]},
        {},
    ]
    assert parse_addresses(json.dumps(links)) == {"lo": ("127.0.0.1",), "eth0": ("172.16.21.201", "172.16.21.188")}
    assert parse_addresses("Object \"-j\" is unknown") == {}


def test_wsrep_samples_are_told_apart() -> None:
    text = "wsrep_ready\tON\nwsrep_flow_control_paused_ns\t5\n--sample--0\nwsrep_ready\tOFF\nwsrep_flow_control_paused_ns\t9\nread_only\tON\nversion\t10.11"
    found = parse_wsrep(0, text)
    assert found.text("ready") == "OFF"
    assert found.number("flow_control_paused_ns") - found.number("flow_control_paused_ns", first=True) == 4
    assert found.variables == {"read_only": "ON", "version": "10.11"}


def test_wsrep_says_why_there_is_none() -> None:
    assert "ERROR 2002" in parse_wsrep(1, "ERROR 2002 (HY000): Can't connect").error
    assert "124" in parse_wsrep(124, "").error


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nok: Synced\n", 200, "ok: Synced"),
        ("HTTP/1.0 503 Service Unavailable\r\n\r\nno: draining\r\n", 503, "no: draining"),
        ("bash: connect: Connection refused", 0, "bash: connect: Connection refused"),
        ("", 0, "no answer (code 1)"),
    ],
)
def test_agent(text: str, status: int, words: str) -> None:
    found = parse_agent(1, text)
    assert (found.status, found.words) == (status, words)


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


def test_the_probe_is_a_script_that_bash_takes() -> None:
    inventory = stack.inventory()
    for entry in inventory.hosts.values():
        script = probe.probe_script(inventory, entry)
        assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False).returncode == 0


def test_the_probe_on_a_desk() -> None:
    """What needs no server runs anywhere: sections come back whole, failing commands with their codes."""
    inventory = stack.inventory()
    script = probe.probe_script(inventory, inventory.hosts["ha1"])
    answer = subprocess.run(["bash", "-s"], input=script, text=True, capture_output=True, check=True, env={"PATH": "/usr/bin:/bin"}).stdout
    parts = split_parts(answer)
    assert {"clock", "addresses", "chrony", "draining", "units", "ipvs", "vrrp"} <= parts.keys()
    assert float(parts["clock"].text) > 1e9


def test_a_host_that_prints_nothing_of_ours_counts_as_unreachable() -> None:
    entry = stack.inventory().hosts["ha1"]
    assert not parse_host("ha1", entry, "Please login as the user debian", sent=0, received=1).reached


def test_a_whole_answer() -> None:
    entry = stack.inventory().hosts["mdb2"]

    def part(name: str, code: int, text: str) -> str:
        return f"@@hactl {name}\n{text}\n@@hactl = {code}\n"

    answer = "".join(
        [
            part("clock", 0, "100.5"),
            part("addresses", 0, "[]"),
            part("draining", 0, "yes\nnew disk"),
            part("units", 3, "active\ninactive\nactive"),
            part("lvsdr", 1, "172.16.21.188/32 on lo: no"),
            part("sql", 1, "ERROR 2002"),
            part("agent", 0, "HTTP/1.0 503 no\r\n\r\nno: down"),
            part("notinforce", 0, "71-mariadb-ha-wsrep.cnf\n70-mariadb-ha.cnf"),
        ]
    )
    found = parse_host("mdb2", entry, answer, sent=100, received=101)
    assert found.draining == "new disk"
    assert found.units == {"mariadb": "active", "mariadb-ha-agent": "inactive", "mariadb-ha-lvsdr": "active"}
    assert (found.lvsdr, found.lvsdr_words) == (1, "172.16.21.188/32 on lo: no")
    assert found.wsrep is not None
    assert found.wsrep.error == "ERROR 2002"
    assert found.agent is not None
    assert found.agent.status == 503
    assert found.not_in_force == ("70-mariadb-ha.cnf", "71-mariadb-ha-wsrep.cnf")
