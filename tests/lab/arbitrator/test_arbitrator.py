"""Two nodes, an arbitrator, a VIP: the loss of any one is survived, that of two ends by itself once they are back."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.lab.changing import clients_write, stack_file_says
from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import REUSE, Stack

VIP = "172.16.21.75"
NODES = ("mdb1", "mdb2")
ARBITRATOR = "arb1"
#: Patience for hosts that were powered on, in seconds.
BOOT = 300.0


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    return stack.status()


def holder(stack: Stack) -> str:
    """The node that has the VIP."""
    (host,) = said(stack)["vip_holders"][VIP]
    return str(host)


def power(stack: Stack, word: str, *hosts: str) -> None:
    """A power cut; or power again, and the hosts answer."""
    for host in hosts:
        done = stack.run("lab/power", host, word)
        assert done.code == 0, done.out
    deadline = time.monotonic() + BOOT
    for host in hosts if word == "on" else ():
        while (answer := stack.ssh(host, "true")).code and time.monotonic() < deadline:
            time.sleep(1)
        assert answer.code == 0, answer.out


def whole(stack: Stack) -> None:
    """Every node is Synced, the arbitrator votes, the VIP has its holder."""
    assert stack.healthy_within(), stack.hactl("status").out
    for node in NODES:
        stack.agent_says(node, "ok: Synced, cluster of 2 and an arbitrator")


@pytest.mark.skipif(REUSE, reason="the stack was there before")
def test_an_interrupted_up_is_finished_by_the_next(stack: Stack) -> None:
    """Killed at the last step of the cluster: what was done is not done again, and what was left is."""
    assert stack.resumed is not None
    [killed] = stack.killed
    done = re.findall(r"✓ (\S+) created", killed)
    again = [name for name in done[:-2] if f"✓ {name} created" in stack.resumed.out]
    assert done
    assert not again, "what was made is not made again"
    assert "tear down" in stack.resumed.out


def test_the_arbitrator_is_shown_apart_and_the_vip_has_one_holder(stack: Stack, measure: Measure) -> None:
    measure("arbitrator: make up on three container hosts", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    whole(stack)
    found = said(stack)
    assert found["healthy"] is True
    assert len(found["vip_holders"][VIP]) == 1
    assert found["hosts"][ARBITRATOR]["arbitrator"] == {"unit": "active"}
    assert found["hosts"]["mdb1"]["wsrep"]["cluster integrity"]["wsrep_cluster_size"] == "3"
    text = stack.hactl("status").out
    assert "votes" in text
    assert stack.ssh(ARBITRATOR, "pgrep -c mariadbd").out.strip() == "0"


def test_a_second_up_does_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out[-3000:]
    assert "nothing to do; SQL answers" in again.out


def test_power_cut_of_the_holder(stack: Stack, measure: Measure) -> None:
    struck = holder(stack)
    assert drill(stack, "node-kill", measure)["target"] == struck
    assert holder(stack) != struck, "the VIP stays where it went"
    whole(stack)


@pytest.mark.matrix
def test_power_cut_of_the_arbitrator(stack: Stack, measure: Measure) -> None:
    assert drill(stack, "arbitrator-kill", measure)["target"] == ARBITRATOR
    whole(stack)


def test_an_arbitrator_that_is_killed_comes_back(stack: Stack) -> None:
    stack.ssh(ARBITRATOR, "sudo pkill -KILL -x garbd")
    whole(stack)
    stack.sql(holder(stack), "CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(20))")


@pytest.mark.matrix
def test_power_cut_of_all_three(stack: Stack, measure: Measure) -> None:
    """Both nodes are needed and enough: the arbitrator, which comes back last, is not waited for."""
    stack.sql(holder(stack), "INSERT INTO app.t (words) VALUES ('all three')")
    power(stack, "off", ARBITRATOR, *NODES)
    power(stack, "on", *NODES)
    for node in NODES:
        stack.agent_says(node, "ok: Synced, cluster of 2", seconds=900)
    stack.sql("mdb1", "INSERT INTO app.t (words) VALUES ('without it')")
    power(stack, "on", ARBITRATOR)
    whole(stack)
    assert {stack.sql(node, "SELECT COUNT(*) FROM app.t") for node in NODES} == {"2"}


@pytest.mark.matrix
def test_both_nodes_stopped_in_order_come_back_beside_an_arbitrator_that_was_there_all_the_time(stack: Stack) -> None:
    """Two Primary components that meet would abort one of their members."""
    for node in NODES:
        assert stack.ssh(node, "sudo systemctl stop mariadb").code == 0
    alone = "until sudo journalctl -b -u mariadb-ha-arbitrator-alone | grep -q 'started anew'; do sleep 1; done"
    assert stack.ssh(ARBITRATOR, f'timeout 120 bash -c "{alone}"').code == 0
    for node in NODES:
        stack.ssh(node, "sudo systemctl start --no-block mariadb-ha-galera-start")
    whole(stack)
    aborted = "journalctl -b -u mariadb | grep -c 'conflicting prims'"
    assert [stack.ssh(node, f"sudo {aborted}").out.strip() for node in NODES] == ["0", "0"]


@pytest.mark.matrix
def test_one_node_alone_waits_for_the_other(stack: Stack) -> None:
    """The arbitrator is there, and it is no node with data."""
    power(stack, "off", *NODES)
    power(stack, "on", "mdb2")
    waits = "until sudo journalctl -b -u mariadb-ha-galera-start | grep -q 'no answer from mdb1'; do sleep 1; done"
    assert stack.ssh("mdb2", f'timeout 600 bash -c "{waits}"', timeout=900).code == 0
    assert stack.ssh("mdb2", "systemctl is-active mariadb").out.strip() != "active"
    power(stack, "on", "mdb1")
    whole(stack)


@pytest.mark.matrix
def test_a_node_and_the_arbitrator_at_once(stack: Stack) -> None:
    """The other node has no majority and refuses its clients; it serves again once both are back."""
    stays = holder(stack)
    (other,) = [node for node in NODES if node != stays]
    power(stack, "off", other, ARBITRATOR)
    stack.agent_says(stays, "not in the Primary component", seconds=300)
    power(stack, "on", other, ARBITRATOR)
    whole(stack)


@pytest.mark.matrix
def test_a_rolling_change_moves_the_vip_away_first(stack: Stack, measure: Measure) -> None:
    before = {host: stack.ssh(host, "systemctl show -P InvocationID mariadb").out for host in NODES}
    with stack_file_says(stack, {"galera": {"max_connections": 321}}), clients_write(stack) as ledger:
        changed = stack.make("up")
        assert changed.code == 0, changed.out[-5000:]
    measure(
        "arbitrator: rolling change of two nodes",
        f"{changed.seconds:.0f} s, longest write gap {ledger.report['write_gap_s']} s",
    )
    after = {host: stack.ssh(host, "systemctl show -P InvocationID mariadb").out for host in NODES}
    assert all(after[host] != before[host] for host in NODES)
    assert {stack.sql(node, "SELECT @@max_connections") for node in NODES} == {"321"}
    whole(stack)


@pytest.mark.matrix
def test_changed_timers_reach_the_arbitrator_too(stack: Stack) -> None:
    with stack_file_says(stack, {"timers": {"profile": "lan", "suspect_timeout": 2.5}}):
        changed = stack.make("up")
        assert changed.code == 0, changed.out[-5000:]
    assert "evs.suspect_timeout=PT2.5S" in stack.ssh(ARBITRATOR, "cat /etc/mariadb-ha/garbd.cnf").out
    whole(stack)
