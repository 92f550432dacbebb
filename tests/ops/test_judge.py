"""What is wrong, in words: a table of facts and the findings that must follow."""

from __future__ import annotations

from typing import Any

import pytest

from ops.errors import Exit
from ops.facts import Agent, Clock, HostFacts, Wsrep
from ops.judge import healthy, judge
from ops.status import Status
from tests.ops import stack
from tests.ops.stack import VIP, changed, table, unreachable, wsrep

DOWN_UNITS = {"mariadb": "inactive", "mariadb-ha-agent": "active", "mariadb-ha-lvsdr": "active"}
REAL_UNITS = {"mariadb": "active", "mariadb-ha-agent": "active", "mariadb-ha-lvsdr": "active"}

ROLL = "roll: a change of the configuration, boot=6b2f3f34-5d0b pid=712"
DRAINS = Agent(status=404, words="draining: new disk")

#: (changes by host, severity, host named, words that must be there)
TABLE: list[tuple[str, dict[str, Any], str, str, list[str]]] = [
    ("two holders", {"ha2": {"addresses": {"eth0": ("172.16.21.202", VIP)}}}, "problem", "stack", ["ha1 and ha2 both hold the VIP", "split brain"]),
    ("no holder", {"ha1": {"addresses": {"eth0": ("172.16.21.201",)}}}, "problem", "stack", ["no director holds the VIP", "clients reach nothing"]),
    ("VIP on a director's loopback is not held", {"ha1": {"addresses": {"lo": (VIP,), "eth0": ()}}}, "problem", "stack", ["no director holds the VIP"]),
    ("backup dead", {"ha2": unreachable("ha2")}, "problem", "ha2", ["unreachable over SSH at 172.16.21.202", "no redundancy"]),
    ("only director left", {"ha2": unreachable("ha2")}, "problem", "stack", ["ha1 is the only director left"]),
    ("keepalived stopped", {"ha2": {"units": {"keepalived": "failed"}}}, "problem", "ha2", ["keepalived is failed", "systemctl start keepalived"]),
    ("FAULT", {"ha2": {"vrrp_log": "FAULT"}}, "problem", "ha2", ["FAULT", "cannot take the VIP"]),
    ("real server missing", {"ha1": {"ipvs": table(("172.16.21.181", 1))}}, "problem", "ha1", ["mdb3 is not in IPVS"]),
    ("weight 0", {"ha1": {"ipvs": table(("172.16.21.181", 1), ("172.16.21.182", 0))}}, "problem", "ha1", ["mdb3 has weight 0 in IPVS"]),
    (
        "reference node in IPVS",
        {"ha1": {"ipvs": table(("172.16.21.180", 1), ("172.16.21.181", 1), ("172.16.21.182", 1))}},
        "problem",
        "ha1",
        ["mdb1, the reference node, is in IPVS"],
    ),
    ("no virtual service", {"ha1": {"ipvs": ()}}, "problem", "ha1", ["no virtual service 172.16.21.188:3306"]),
    ("no table", {"ha1": {"ipvs": None, "ipvs_error": "Can't initialize ipvs"}}, "problem", "ha1", ["Can't initialize ipvs", "modprobe ip_vs"]),
    ("tables differ", {"ha2": {"ipvs": table(("172.16.21.181", 1))}}, "problem", "stack", ["IPVS tables of ha1 and ha2 differ"]),
    ("not Primary", {"mdb2": {"wsrep": wsrep(cluster_status="non-Primary")}}, "problem", "mdb2", ["non-Primary, not Primary", "refuses"]),
    ("size", {"mdb2": {"wsrep": wsrep(cluster_size="2")}}, "problem", "mdb2", ["wsrep_cluster_size is 2, expected 3"]),
    ("not Synced", {"mdb3": {"wsrep": wsrep(local_state="1", local_state_comment="Joining")}}, "problem", "mdb3", ["Joining, not Synced"]),
    ("not ready", {"mdb3": {"wsrep": wsrep(ready="OFF")}}, "problem", "mdb3", ["wsrep_ready is OFF"]),
    ("state uuid", {"mdb3": {"wsrep": wsrep(cluster_state_uuid="other")}}, "problem", "stack", ["wsrep_cluster_state_uuid differs", "mdb3 other"]),
    ("conf id", {"mdb3": {"wsrep": wsrep(cluster_conf_id="9")}}, "problem", "stack", ["wsrep_cluster_conf_id differs", "mdb1+mdb2 7", "mdb3 9"]),
    ("read only", {"mdb2": {"wsrep": wsrep(read_only="ON")}}, "problem", "mdb2", ["read_only is ON"]),
    ("rejects", {"mdb2": {"wsrep": wsrep(wsrep_reject_queries="ALL")}}, "problem", "mdb2", ["wsrep_reject_queries is ALL"]),
    (
        "flow control now",
        {"mdb2": {"wsrep": wsrep(flow_control_paused_ns=str(1000 + 250_000_000))}},
        "problem",
        "mdb2",
        ["paused by flow control 50%"],
    ),
    ("flow control once", {"mdb2": {"wsrep": wsrep(flow_control_paused="0.25")}}, "warning", "mdb2", ["0.25 since the start"]),
    (
        "lags",
        {"mdb2": {"wsrep": wsrep(local_recv_queue_avg="2.5", local_recv_queue="40", first_local_recv_queue="39")}},
        "problem",
        "mdb2",
        ["39 write sets wait"],
    ),
    ("lagged", {"mdb2": {"wsrep": wsrep(local_recv_queue_avg="2.5")}}, "warning", "mdb2", ["local_recv_queue_avg is 2.50"]),
    ("slow network", {"mdb2": {"wsrep": wsrep(local_send_queue_avg="0.7")}}, "warning", "mdb2", ["local_send_queue_avg is 0.70"]),
    ("conflicts", {"mdb2": {"wsrep": wsrep(local_cert_failures="90", local_bf_aborts="10")}}, "warning", "mdb2", ["100 conflicts"]),
    (
        "connections not shared",
        {"ha2": {"units": {"keepalived": "active", "mariadb-ha-ipvs-sync": "failed"}}},
        "problem",
        "ha2",
        ["mariadb-ha-ipvs-sync is failed", "sessions break when it takes over", "systemctl start mariadb-ha-ipvs-sync"],
    ),
    ("mariadb down", {"mdb2": {"units": DOWN_UNITS, "wsrep": Wsrep(error="ERROR 2002")}}, "problem", "mdb2", ["mariadb is inactive"]),
    ("mariadb mute", {"mdb2": {"wsrep": Wsrep(error="ERROR 2002")}}, "problem", "mdb2", ["MariaDB gives no figures (ERROR 2002)"]),
    ("agent down", {"mdb2": {"units": REAL_UNITS | {"mariadb-ha-agent": "failed"}}}, "problem", "mdb2", ["mariadb-ha-agent is failed", "LVS sends no clients"]),
    ("agent says no", {"mdb2": {"agent": Agent(status=503, words="no: VIP not on lo")}}, "problem", "mdb2", ["503: no: VIP not on lo"]),
    ("agent of a node that LVS does not know", {"mdb1": {"agent": Agent(status=503, words="gone")}}, "warning", "mdb1", ["no client notices"]),
    ("lvsdr", {"mdb2": {"lvsdr": 1, "lvsdr_words": "172.16.21.188/32 on lo: no"}}, "problem", "mdb2", ["not whole (172.16.21.188/32 on lo: no)"]),
    ("a roll cut short", {"mdb3": {"draining": ROLL}}, "warning", "mdb3", ["cut short here (roll: a change of the configuration)", "`pulumi up` again"]),
    ("a roll at work", {"mdb3": {"draining": ROLL, "rolling": True}}, "problem", "mdb3", ["is at work on this node", "wait for its end"]),
    ("a roll in name only", {"mdb3": {"draining": "roll in the new disk"}}, "problem", "mdb3", ["draining (roll in the new disk)", "remove /var"]),
    ("agent drains", {"mdb3": {"agent": DRAINS}}, "problem", "mdb3", ["404: draining: new disk", "leaves the sessions here and sends no new ones"]),
    ("donor", {"mdb3": {"wsrep": wsrep(local_state="2", local_state_comment="Donor/Desynced")}}, "problem", "mdb3", ["Donor", "no new clients here while"]),
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
        {"mdb2": {"not_in_force": ("70-mariadb-ha.cnf",)}},
        "warning",
        "mdb2",
        ["has not read its configuration as it is now (70-mariadb-ha.cnf)", "one after the other"],
    ),
    ("clock off", {"mdb3": {"clock": Clock(off_s=4.2, synced=True)}}, "warning", "mdb3", ["4.2 s off"]),
    ("no time source", {"mdb3": {"clock": Clock(off_s=0.0, synced=False)}}, "warning", "mdb3", ["chrony has no time source"]),
    (
        "failback pending",
        {"ha1": {"addresses": {"eth0": ("172.16.21.201",)}}, "ha2": {"addresses": {"eth0": ("172.16.21.202", VIP)}}},
        "warning",
        "ha1",
        ["ha2 holds the VIP 172.16.21.188 although ha1 has the higher priority"],
    ),
]


@pytest.mark.parametrize(("changes", "severity", "host", "words"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_finding(changes: dict[str, Any], severity: str, host: str, words: list[str]) -> None:
    problems = judge(stack.inventory(), changed(**changes))
    mine = [p for p in problems if p.host == host and p.severity == severity and all(word in p.line() for word in words)]
    assert mine, [p.line() for p in problems]
    assert all(p.follows and p.todo for p in problems)
    assert healthy(problems) is (severity == "warning")


def test_a_healthy_stack_has_no_findings() -> None:
    assert judge(stack.inventory(), stack.facts()) == []


def test_each_cause_is_told_once() -> None:
    """A stopped MariaDB must not drown its line in figures that could not be read."""
    problems = judge(stack.inventory(), changed(mdb2={"units": DOWN_UNITS, "wsrep": Wsrep(error="ERROR 2002"), "agent": Agent(status=503, words="down")}))
    assert [p.figure for p in problems if p.host == "mdb2"] == ["mariadb is inactive"]


def test_a_stopped_server_reads_its_configuration_when_it_starts() -> None:
    problems = judge(stack.inventory(), changed(mdb2={"units": DOWN_UNITS, "not_in_force": ("70-mariadb-ha.cnf",)}))
    assert not [p for p in problems if "not read" in p.figure]


def test_a_draining_node_is_one_problem() -> None:
    """Its flag is told; what follows from it, the agent's 404 and weight 0 on both directors, asks for nothing more."""
    drained = {"ipvs": table(("172.16.21.181", 1), ("172.16.21.182", 0))}
    problems = judge(stack.inventory(), changed(ha1=drained, ha2=drained, mdb3={"agent": DRAINS, "draining": ROLL, "rolling": True}))
    assert [(p.host, p.severity) for p in problems] == [("mdb3", "problem"), ("ha1", "warning"), ("ha2", "warning")]
    assert "as its health agent asks (draining: new disk)" in problems[1].figure


def test_weight_0_without_a_404_is_a_problem() -> None:
    table_0 = {"ipvs": table(("172.16.21.181", 1), ("172.16.21.182", 0))}
    problems = judge(stack.inventory(), changed(ha1=table_0, ha2=table_0, mdb3={"agent": Agent(status=503, words="no")}))
    assert {p.host for p in problems if p.severity == "problem"} == {"ha1", "ha2", "mdb3"}


def test_problems_come_before_warnings() -> None:
    problems = judge(stack.inventory(), changed(mdb3={"clock": Clock(off_s=9)}, mdb2={"wsrep": wsrep(ready="OFF")}))
    assert [p.severity for p in problems] == ["problem", "warning"]


def test_all_hosts_unreachable_is_told_for_each() -> None:
    problems = judge(stack.inventory(), {host: unreachable(host) for host in stack.facts()})
    assert {p.host for p in problems} == {"ha1", "ha2", "mdb1", "mdb2", "mdb3", "stack"}


def silent(host: str, silence: Any) -> HostFacts:
    return HostFacts(host=host, reached=False, silence=silence, error="no answer within 60 s")


def looked(**changes: Any) -> Status:
    found = changed(**changes)
    return Status(facts=found, problems=judge(stack.inventory(), found))


@pytest.mark.parametrize("silence", ["slow", "mute"])
@pytest.mark.parametrize("host", ["ha1", "ha2", "mdb3"])
def test_a_host_that_is_slow_is_unknown_and_nothing_follows_from_it(host: str, silence: str) -> None:
    """Not even for a slow director: it may hold the VIP, and the other is not the only one left."""
    changes = {"ha1": {"addresses": {"eth0": ("172.16.21.201",)}}} if host == "ha2" else {}
    status = looked(**{**changes, host: silent(host, silence)})
    assert [(p.host, p.severity) for p in status.wrong()] == [(host, "unknown")]
    assert (status.healthy, status.unknown, status.code) == (False, True, Exit.UNKNOWN)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, Exit.GOOD),
        ({"mdb3": silent("mdb3", "slow"), "mdb2": {"wsrep": wsrep(ready="OFF")}}, Exit.UNHEALTHY),
        ({"mdb3": silent("mdb3", "bare")}, Exit.UNHEALTHY),
        ({"mdb3": silent("mdb3", "unreachable")}, Exit.UNHEALTHY),
        ({host: silent(host, "unreachable") for host in stack.facts()}, Exit.UNREACHABLE),
        ({host: silent(host, "slow") for host in stack.facts()}, Exit.UNKNOWN),
        ({host: silent(host, "slow" if host == "ha1" else "unreachable") for host in stack.facts()}, Exit.UNKNOWN),
    ],
)
def test_exit_codes(changes: dict[str, Any], code: Exit) -> None:
    assert looked(**changes).code is code


def test_a_host_that_is_not_set_up_is_told_in_words() -> None:
    line = looked(mdb3=silent("mdb3", "bare")).wrong()[0].line()
    assert "not set up yet" in line
    assert "first boot" in line
