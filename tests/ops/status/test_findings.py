"""What is wrong, in words: a table of facts and the findings that must follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ops.hosts.facts import Clock, HostFacts, Volume
from ops.kinds.galera.wsrep import Session, Wsrep
from ops.roles.agent import Agent
from ops.roles.ipvs import Ipvs, Kept, Ports, Silence
from ops.roles.mariadb import Server
from ops.roles.real_server import DirectRouting
from ops.roles.vrrp import VrrpLog
from ops.status.finding import Finding
from ops.status.findings import healthy
from tests.ops import stack
from tests.ops.stack import VIP, table, unreachable, wsrep

DOWN_UNITS = {"mariadb": "inactive", "mariadb-ha-agent": "active", "mariadb-ha-lvsdr": "active"}
REAL_UNITS = {"mariadb": "active", "mariadb-ha-agent": "active", "mariadb-ha-lvsdr": "active"}

ROLL = "roll: a change of the configuration, boot=6b2f3f34-5d0b pid=712"
DRAINS = Agent(status=404, words="draining: new disk")


def desynced(**changes: Any) -> Wsrep:
    """A node that Galera calls Donor/Desynced, on a host where no transfer runs."""
    return replace(wsrep(local_state="2", local_state_comment="Donor/Desynced"), **{"sst": "", **changes})


def waiting(state: str, statement: str = "") -> Session:
    return Session(number=17, user="app", seconds=90.0, state=state, statement=statement)


#: (changes by host, severity, host named, words that must be there)
TABLE: list[tuple[str, dict[str, Any], str, str, list[str]]] = [
    (
        "two holders",
        {"ha2": {"addresses": {"eth0": ("172.16.21.202", VIP)}}},
        "problem",
        "stack",
        ["ha1 and ha2 both hold the VIP", "split brain"],
    ),
    (
        "no holder",
        {"ha1": {"addresses": {"eth0": ("172.16.21.201",)}}},
        "problem",
        "stack",
        ["no director holds the VIP", "clients reach nothing"],
    ),
    (
        "VIP on a director's loopback is not held",
        {"ha1": {"addresses": {"lo": (VIP,), "eth0": ()}}},
        "problem",
        "stack",
        ["no director holds the VIP"],
    ),
    (
        "backup dead",
        {"ha2": unreachable("ha2")},
        "problem",
        "ha2",
        ["unreachable over SSH at 172.16.21.202", "no redundancy"],
    ),
    ("only director left", {"ha2": unreachable("ha2")}, "problem", "stack", ["ha1 is the only director left"]),
    (
        "keepalived stopped",
        {"ha2": {"units": {"keepalived": "failed"}}},
        "problem",
        "ha2",
        ["keepalived is failed", "systemctl start keepalived"],
    ),
    ("FAULT", {"ha2": {"parts": [VrrpLog(state="FAULT")]}}, "problem", "ha2", ["FAULT", "cannot take the VIP"]),
    (
        "real server missing",
        {"ha1": {"parts": [table(("172.16.21.181", 1))]}},
        "problem",
        "ha1",
        ["mdb3 is not in IPVS"],
    ),
    (
        "weight 0",
        {"ha1": {"parts": [table(("172.16.21.181", 1), ("172.16.21.182", 0))]}},
        "problem",
        "ha1",
        ["mdb3 has weight 0 in IPVS"],
    ),
    (
        "full of connections",
        {"mdb2": {"parts": [Agent(status=200, words="ok", connections=200, max_connections=200)]}},
        "problem",
        "mdb2",
        ["200 of 200 connections are used", "Too many connections", "SHOW PROCESSLIST"],
    ),
    (
        "nearly full of connections",
        {"mdb2": {"parts": [Agent(status=200, words="ok", connections=170, max_connections=200)]}},
        "warning",
        "mdb2",
        ["170 of 200 connections are used", "at the limit"],
    ),
    (
        "port closed",
        {
            "ha1": {
                "parts": [
                    table(("172.16.21.181", 1), ("172.16.21.182", 0)),
                    Ports(closed={"mdb3": "no answer in 1 s"}),
                ]
            }
        },
        "problem",
        "ha1",
        ["MariaDB's port on mdb3 takes no connections from here (no answer in 1 s)", "agent says 200", "nft list"],
    ),
    (
        "all ports closed",
        {"ha1": {"parts": [Ports(closed={"mdb2": "no answer in 1 s", "mdb3": "no answer in 1 s"})]}},
        "problem",
        "ha1",
        ["mdb3 takes no connections", "keeps its place, for no other server answers either"],
    ),
    (
        "a silent server is kept",
        {"ha1": {"parts": [Kept(servers={"mdb3": Silence(what="silent", seconds=34.0)})]}},
        "warning",
        "ha1",
        [
            "mdb3 is silent as seen from here for 34 s, and keeps its weight in IPVS for 172.16.21.188:3306",
            "no other server takes clients",
            "the link to it",
        ],
    ),
    (
        "a late server is kept",
        {"ha1": {"parts": [Kept(servers={"mdb3": Silence(what="late")})]}},
        "warning",
        "ha1",
        ["mdb3 is late as seen from here, and keeps", "SHOW PROCESSLIST"],
    ),
    (
        "reference node in IPVS",
        {"ha1": {"parts": [table(("172.16.21.180", 1), ("172.16.21.181", 1), ("172.16.21.182", 1))]}},
        "problem",
        "ha1",
        ["mdb1, the reference node, is in IPVS"],
    ),
    (
        "no virtual service",
        {"ha1": {"parts": [Ipvs(services=())]}},
        "problem",
        "ha1",
        ["no virtual service 172.16.21.188:3306"],
    ),
    (
        "no table",
        {"ha1": {"parts": [Ipvs(services=None, error="Can't initialize ipvs")]}},
        "problem",
        "ha1",
        ["Can't initialize ipvs", "modprobe ip_vs"],
    ),
    (
        "tables differ",
        {"ha2": {"parts": [table(("172.16.21.181", 1))]}},
        "problem",
        "stack",
        ["IPVS tables of ha1 and ha2 differ"],
    ),
    (
        "not Primary",
        {"mdb2": {"parts": [wsrep(cluster_status="non-Primary")]}},
        "problem",
        "mdb2",
        ["non-Primary, not Primary", "refuses"],
    ),
    (
        "size",
        {"mdb2": {"parts": [wsrep(cluster_size="2")]}},
        "problem",
        "mdb2",
        ["wsrep_cluster_size is 2, expected 3"],
    ),
    (
        "not Synced",
        {"mdb3": {"parts": [wsrep(local_state="1", local_state_comment="Joining")]}},
        "problem",
        "mdb3",
        ["Joining, not Synced"],
    ),
    ("not ready", {"mdb3": {"parts": [wsrep(ready="OFF")]}}, "problem", "mdb3", ["wsrep_ready is OFF"]),
    (
        "state uuid",
        {"mdb3": {"parts": [wsrep(cluster_state_uuid="other")]}},
        "problem",
        "stack",
        ["wsrep_cluster_state_uuid differs", "mdb3 other"],
    ),
    (
        "conf id",
        {"mdb3": {"parts": [wsrep(cluster_conf_id="9")]}},
        "problem",
        "stack",
        ["wsrep_cluster_conf_id differs", "mdb1+mdb2 7", "mdb3 9"],
    ),
    ("read only", {"mdb2": {"parts": [wsrep(read_only="ON")]}}, "problem", "mdb2", ["read_only is ON"]),
    (
        "rejects",
        {"mdb2": {"parts": [wsrep(wsrep_reject_queries="ALL")]}},
        "problem",
        "mdb2",
        ["wsrep_reject_queries is ALL"],
    ),
    (
        "flow control now",
        {"mdb2": {"parts": [wsrep(flow_control_paused_ns=str(1000 + 250_000_000))]}},
        "problem",
        "mdb2",
        ["paused by flow control 50%"],
    ),
    (
        "flow control once",
        {"mdb2": {"parts": [wsrep(flow_control_paused="0.25")]}},
        "warning",
        "mdb2",
        ["0.25 since the start"],
    ),
    (
        "lags",
        {"mdb2": {"parts": [wsrep(local_recv_queue_avg="2.5", local_recv_queue="40", first_local_recv_queue="39")]}},
        "problem",
        "mdb2",
        ["39 write sets wait"],
    ),
    (
        "lagged",
        {"mdb2": {"parts": [wsrep(local_recv_queue_avg="2.5")]}},
        "warning",
        "mdb2",
        ["local_recv_queue_avg is 2.50"],
    ),
    (
        "slow network",
        {"mdb2": {"parts": [wsrep(local_send_queue_avg="0.7")]}},
        "warning",
        "mdb2",
        ["local_send_queue_avg is 0.70"],
    ),
    (
        "conflicts",
        {"mdb2": {"parts": [wsrep(local_cert_failures="90", local_bf_aborts="10")]}},
        "warning",
        "mdb2",
        ["100 conflicts"],
    ),
    (
        "connections not shared",
        {"ha2": {"units": {"keepalived": "active", "mariadb-ha-ipvs-sync": "failed"}}},
        "problem",
        "ha2",
        ["mariadb-ha-ipvs-sync is failed", "sessions break when it takes over", "systemctl start mariadb-ha-ipvs-sync"],
    ),
    (
        "draining not learned",
        {
            "ha2": {
                "units": {"keepalived": "active", "mariadb-ha-ipvs-sync": "active", "mariadb-ha-drain-watch": "failed"}
            }
        },
        "problem",
        "ha2",
        [
            "mariadb-ha-drain-watch is failed",
            "does not learn that a real server drains",
            "systemctl start mariadb-ha-drain-watch",
        ],
    ),
    (
        "mariadb down",
        {"mdb2": {"units": DOWN_UNITS, "parts": [Wsrep(error="ERROR 2002")]}},
        "problem",
        "mdb2",
        ["mariadb is inactive"],
    ),
    (
        "mariadb mute",
        {"mdb2": {"parts": [Wsrep(error="ERROR 2002")]}},
        "problem",
        "mdb2",
        ["MariaDB gives no figures (ERROR 2002)"],
    ),
    (
        "agent down",
        {"mdb2": {"units": REAL_UNITS | {"mariadb-ha-agent": "failed"}}},
        "problem",
        "mdb2",
        ["mariadb-ha-agent is failed", "LVS sends no clients"],
    ),
    (
        "agent says no",
        {"mdb2": {"parts": [Agent(status=503, words="no: VIP not on lo")]}},
        "problem",
        "mdb2",
        ["503: no: VIP not on lo"],
    ),
    (
        "agent of a node that LVS does not know",
        {"mdb1": {"parts": [Agent(status=503, words="gone")]}},
        "warning",
        "mdb1",
        ["no client notices"],
    ),
    (
        "lvsdr",
        {"mdb2": {"parts": [DirectRouting(code=1, words="172.16.21.188/32 on lo: no")]}},
        "problem",
        "mdb2",
        ["not whole (172.16.21.188/32 on lo: no)"],
    ),
    (
        "a roll cut short",
        {"mdb3": {"draining": ROLL}},
        "warning",
        "mdb3",
        ["cut short here (roll: a change of the configuration)", "`pulumi up` again"],
    ),
    (
        "a roll at work",
        {"mdb3": {"draining": ROLL, "parts": [Server(rolling=True)]}},
        "problem",
        "mdb3",
        ["is at work on this node", "wait for its end"],
    ),
    (
        "a roll in name only",
        {"mdb3": {"draining": "roll in the new disk"}},
        "problem",
        "mdb3",
        ["draining (roll in the new disk)", "remove /var"],
    ),
    (
        "agent drains",
        {"mdb3": {"parts": [DRAINS]}},
        "problem",
        "mdb3",
        ["404: draining: new disk", "leaves the sessions here and sends no new ones"],
    ),
    (
        "wsrep_desync",
        {"mdb3": {"parts": [desynced(variables={"wsrep_desync": "ON"})]}},
        "problem",
        "mdb3",
        ["wsrep_desync is ON", "SET GLOBAL wsrep_desync=OFF"],
    ),
    (
        "a held lock",
        {"mdb3": {"parts": [desynced(sessions=(waiting("Waiting for backup lock"),))]}},
        "problem",
        "mdb3",
        ["FLUSH TABLES WITH READ LOCK or a backup's lock", "1 wait for it", "SHOW PROCESSLIST"],
    ),
    (
        "a donor",
        {"mdb3": {"parts": [desynced(sst="donor")]}},
        "problem",
        "mdb3",
        ["not Synced; LVS", "wait for the state transfer to end"],
    ),
    (
        "a blocked SST port",
        {"mdb3": {"parts": [desynced(sst="donor", unanswered=("172.16.21.180:4444",))]}},
        "problem",
        "mdb3",
        ["172.16.21.180:4444 does not answer", "let TCP port 4444 pass"],
    ),
    (
        "a hanging change of a schema",
        {"mdb3": {"parts": [replace(wsrep(), sessions=(waiting("Waiting for table metadata lock", "ALTER TABLE"),))]}},
        "problem",
        "mdb3",
        ["ALTER TABLE has run for 90 s (session 17 of app, Waiting", "every write of the whole cluster may wait"],
    ),
    (
        "a long change of a schema",
        {"mdb3": {"parts": [replace(wsrep(), sessions=(waiting("copy to tmp table", "ALTER TABLE"),))]}},
        "warning",
        "mdb3",
        ["ALTER TABLE has run for 90 s", "wait; do not kill the server"],
    ),
    (
        "donor",
        {"mdb3": {"parts": [wsrep(local_state="2", local_state_comment="Donor/Desynced")]}},
        "problem",
        "mdb3",
        ["Donor", "no new clients here while"],
    ),
    ("draining", {"mdb3": {"draining": "new disk"}}, "problem", "mdb3", ["draining (new disk)"]),
    (
        "no key is admitted",
        {"mdb3": HostFacts(host="mdb3", reached=False, error="debian@172.16.21.182: Permission denied (publickey).")},
        "problem",
        "mdb3",
        ["Permission denied", "ssh.authorized_keys"],
    ),
    (
        "configuration not in force",
        {"mdb2": {"parts": [Server(not_in_force=("70-mariadb-ha.cnf",))]}},
        "warning",
        "mdb2",
        ["has not read its configuration as it is now (70-mariadb-ha.cnf)", "one after the other"],
    ),
    (
        "volume fills up",
        {"mdb3": {"volumes": {"/": Volume(8000, 4000), "/var/lib/mysql": Volume(1000, 140)}}},
        "warning",
        "mdb3",
        ["/var/lib/mysql is 86 % full (140 of 1000 MiB left)"],
    ),
    (
        "volume is full",
        {"mdb3": {"volumes": {"/var/lib/mysql": Volume(1000, 0)}}},
        "problem",
        "mdb3",
        ["/var/lib/mysql is 100 % full (0 of 1000 MiB left)", "aborts at its next write", "du -xh"],
    ),
    (
        "volume is full and MariaDB aborted",
        {"mdb3": {"volumes": {"/var/lib/mysql": Volume(1000, 0)}, "units": {"mariadb": "failed"}}},
        "problem",
        "mdb3",
        ["mariadb is failed", "free space on /var/lib/mysql first; then"],
    ),
    ("clock off", {"mdb3": {"clock": Clock(off_s=4.2, synced=True)}}, "warning", "mdb3", ["4.2 s off"]),
    (
        "no time source",
        {"mdb3": {"clock": Clock(off_s=0.0, synced=False)}},
        "warning",
        "mdb3",
        ["chrony has no time source"],
    ),
    (
        "failback pending",
        {"ha1": {"addresses": {"eth0": ("172.16.21.201",)}}, "ha2": {"addresses": {"eth0": ("172.16.21.202", VIP)}}},
        "warning",
        "ha1",
        ["ha2 holds the VIP 172.16.21.188 although ha1 has the higher priority"],
    ),
]


def findings(**changes: Any) -> list[Finding]:
    return stack.looked(**changes).findings


@pytest.mark.parametrize(
    ("changes", "severity", "host", "words"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_finding(changes: dict[str, Any], severity: str, host: str, words: list[str]) -> None:
    problems = findings(**changes)
    mine = [
        p for p in problems if p.host == host and p.severity == severity and all(word in p.line() for word in words)
    ]
    assert mine, [p.line() for p in problems]
    assert all(p.follows and p.todo for p in problems)
    assert healthy(problems) is (severity == "warning")


def test_a_healthy_stack_has_no_findings() -> None:
    assert findings() == []


def test_what_a_drain_watch_that_ended_left_is_none_of_now() -> None:
    units = {"keepalived": "active", "mariadb-ha-ipvs-sync": "active", "mariadb-ha-drain-watch": "failed"}
    mine = {"parts": [Kept(servers={"mdb3": Silence(what="silent")})], "units": units}
    assert [p.what for p in findings(ha1=mine)] == ["mariadb-ha-drain-watch is failed"]


def test_each_cause_is_told_once() -> None:
    """A stopped MariaDB must not drown its line in figures that could not be read."""
    problems = findings(
        mdb2={"units": DOWN_UNITS, "parts": [Wsrep(error="ERROR 2002"), Agent(status=503, words="down")]}
    )
    assert [p.what for p in problems if p.host == "mdb2"] == ["mariadb is inactive"]


def test_a_stopped_server_reads_its_configuration_when_it_starts() -> None:
    problems = findings(mdb2={"units": DOWN_UNITS, "parts": [Server(not_in_force=("70-mariadb-ha.cnf",))]})
    assert not [p for p in problems if "not read" in p.what]


def test_a_draining_node_is_one_problem() -> None:
    """Its flag is told; what follows from it, the agent's 404 and weight 0 on both directors, asks for nothing more."""
    drained = {"parts": [table(("172.16.21.181", 1), ("172.16.21.182", 0))]}
    problems = findings(ha1=drained, ha2=drained, mdb3={"draining": ROLL, "parts": [DRAINS, Server(rolling=True)]})
    assert [(p.host, p.severity) for p in problems] == [("mdb3", "problem"), ("ha1", "warning"), ("ha2", "warning")]
    assert "as its health agent asks (draining: new disk)" in problems[1].what


def test_weight_0_without_a_404_is_a_problem() -> None:
    table_0 = {"parts": [table(("172.16.21.181", 1), ("172.16.21.182", 0))]}
    problems = findings(ha1=table_0, ha2=table_0, mdb3={"parts": [Agent(status=503, words="no")]})
    assert {p.host for p in problems if p.severity == "problem"} == {"ha1", "ha2", "mdb3"}


def test_problems_come_before_warnings() -> None:
    problems = findings(mdb3={"clock": Clock(off_s=9)}, mdb2={"parts": [wsrep(ready="OFF")]})
    assert [p.severity for p in problems] == ["problem", "warning"]


def test_all_hosts_unreachable_is_told_for_each() -> None:
    problems = findings(**{host: unreachable(host) for host in stack.facts()})
    assert {p.host for p in problems} == {"ha1", "ha2", "mdb1", "mdb2", "mdb3", "stack"}
