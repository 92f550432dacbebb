"""A living stack is changed: node by node, without a client's noticing; refused where that is not safe; finished when
it was killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.lab.changing import clients_write, stack_file_says
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack

NODES = ("mdb1", "mdb2", "mdb3")
DIRECTORS = ("ha1", "ha2")
FLAG = "/var/lib/mariadb-ha/draining"
SERVER_CNF = "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"


def pids(stack: Stack, unit: str, hosts: tuple[str, ...]) -> dict[str, str]:
    """A unit's main process by host: another number means that it was restarted."""
    return {host: stack.ssh(host, f"systemctl show -P MainPID {unit}").out.strip() for host in hosts}


def in_force(stack: Stack) -> dict[str, str]:
    """`max_connections` as each server has it."""
    return {node: stack.sql(node, "SELECT @@max_connections") for node in NODES}


@pytest.fixture(scope="module", autouse=True)
def whole_again(stack: Stack) -> None:
    """Every test here begins with a stack that is whole."""
    assert stack.healthy_within(), stack.hactl("status").out


def test_a_change_that_the_checker_refuses_touches_nothing(stack: Stack) -> None:
    """A line that the server would not start with lies in a file of the user's own:
    the whole configuration is judged.
    """
    stack.ssh("mdb1", "printf '[mariadbd]\\nno_such_option = 1\\n' | sudo tee /etc/mysql/mariadb.conf.d/99-by-hand.cnf")
    before = pids(stack, "mariadb", NODES)
    try:
        with stack_file_says(stack, {"galera": {"max_connections": 321}}):
            refused = stack.make("up")
        assert refused.code != 0
        assert "no_such_option" in refused.out, "the checker's own words"
        assert "Traceback" not in refused.out
        for node in NODES:
            assert "max_connections = 200" in stack.ssh(node, f"cat {SERVER_CNF}").out
            assert stack.ssh(node, f"test -e {FLAG}").code != 0
        assert pids(stack, "mariadb", NODES) == before
    finally:
        stack.ssh("mdb1", "sudo rm /etc/mysql/mariadb.conf.d/99-by-hand.cnf")


def test_a_change_while_a_node_is_down_is_refused(stack: Stack) -> None:
    stack.ssh("mdb3", "sudo systemctl stop mariadb")
    before = pids(stack, "mariadb", ("mdb1", "mdb2"))
    try:
        with stack_file_says(stack, {"galera": {"max_connections": 321}}):
            refused = stack.make("up")
        assert refused.code != 0
        assert "mdb3" in refused.out
        assert "nothing was touched" in refused.out
        for node in NODES:
            assert "max_connections = 200" in stack.ssh(node, f"cat {SERVER_CNF}").out
        assert pids(stack, "mariadb", ("mdb1", "mdb2")) == before
    finally:
        stack.ssh("mdb3", "sudo systemctl start mariadb", timeout=300)
    assert stack.healthy_within(), stack.hactl("status").out


def test_a_rolling_change_of_all_nodes_under_load(stack: Stack, measure: Measure) -> None:
    boots = {node: stack.ssh(node, "cat /proc/sys/kernel/random/boot_id").out for node in NODES}
    before = pids(stack, "mariadb", NODES)
    with stack_file_says(stack, {"galera": {"max_connections": 321}}), clients_write(stack) as ledger:
        changed = stack.make("up")
        assert changed.code == 0, changed.out[-5000:]
    measure(
        f"{stack.name}: rolling change of three nodes",
        f"{changed.seconds:.0f} s, longest write gap {ledger.report['write_gap_s']} s",
    )
    assert in_force(stack) == dict.fromkeys(NODES, "321")
    after = pids(stack, "mariadb", NODES)
    assert not [node for node in NODES if after[node] == before[node]]
    assert boots == {node: stack.ssh(node, "cat /proc/sys/kernel/random/boot_id").out for node in NODES}
    assert ledger.report["failed_connections"] == 0
    assert ledger.report["failed_writes"] == 0
    order = [changed.out.index(f"quick-galera-roll-{node} updated") for node in NODES]
    assert order == sorted(order), "one node after the other, the reference node first"
    assert stack.healthy_within(), stack.hactl("status").out


def up_until_mdb2_is_out(stack: Stack, log: Path) -> subprocess.Popen[bytes]:
    """`make up`, at work in the background: mdb1 has been rolled, mdb2 is taken out."""
    process = stack.up_in_background(log)
    deadline = time.monotonic() + 1800
    out = False
    while not out and process.poll() is None and time.monotonic() < deadline:
        out = "quick-galera-roll-mdb1 updated" in log.read_text() and stack.ssh("mdb2", f"test -e {FLAG}").code == 0
    assert out, log.read_text()
    return process


@pytest.mark.matrix
def test_an_up_that_is_killed_while_a_node_is_out_is_finished_by_the_next(stack: Stack, tmp_path: Path) -> None:
    """Back to the stack file's own value."""
    with clients_write(stack) as ledger:
        process = up_until_mdb2_is_out(stack, tmp_path / "killed.log")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        resumed = stack.make("up")
        assert resumed.code == 0, resumed.out[-5000:]
    assert "quick-galera-roll-mdb1 updated" not in resumed.out, "what was done is not done again"
    assert in_force(stack) == dict.fromkeys(NODES, "200")
    assert ledger.report["failed_connections"] == 0
    assert not [node for node in NODES if stack.ssh(node, f"test -e {FLAG}").code == 0], "every node is back in service"
    assert stack.healthy_within(), stack.hactl("status").out
    again = stack.make("up")
    assert "nothing to do; SQL answers" in again.out


@pytest.mark.matrix
def test_a_roll_that_is_killed_on_its_node_keeps_nobody_out(stack: Stack) -> None:
    """kill -9 of galera-roll itself while sessions are drained: the node takes clients again, and what was begun is not
    forgotten.
    """
    stack.ssh("mdb2", "echo '# by hand' | sudo tee -a /usr/local/lib/mariadb-ha/health_check.py")
    with clients_write(stack) as ledger:
        killed = stack.ssh(
            "mdb2",
            f"sudo /usr/local/lib/mariadb-ha/galera-roll --recorded & while ! test -e {FLAG}; do sleep 0.2; done; "
            f"sleep 3; sudo kill -KILL $(sed 's/.*pid=//' {FLAG}); wait $!",
        )
        assert killed.code == 1, killed.out
        assert "killed in the middle (signal 9)" in killed.out
        stack.agent_says("mdb2", "200")
    assert ledger.report["failed_connections"] == 0
    assert ledger.report["failed_writes"] == 0
    assert stack.healthy_within(), stack.hactl("status").out
    assert "cut short" in stack.hactl("status").out
    ended = stack.hactl("drift", "--repair", "--yes")
    assert ended.code == 0, ended.out
    assert stack.ssh("mdb2", f"test -e {FLAG}").code != 0
    assert stack.healthy_within(), stack.hactl("status").out


@pytest.mark.matrix
def test_keepalived_changes_under_load_lose_no_connection(stack: Stack) -> None:
    before = pids(stack, "keepalived", DIRECTORS)
    with clients_write(stack) as ledger:
        with stack_file_says(stack, {"timers": {"delay_loop": 2}}):
            changed = stack.make("up")
        assert changed.code == 0, changed.out[-5000:]
        for host in DIRECTORS:
            assert "delay_loop 2" in stack.ssh(host, "sudo cat /etc/keepalived/conf.d/60-lvs-directors.conf").out
        back = stack.make("up")
        assert back.code == 0, back.out[-5000:]
    assert pids(stack, "keepalived", DIRECTORS) == before, "reloaded, not restarted"
    assert ledger.report["failed_connections"] == 0
    assert ledger.report["failed_writes"] == 0
    assert ledger.report["sessions_replaced"] == 0, "no established session died"


def test_drift_is_shown_and_repaired(stack: Stack) -> None:
    assert stack.hactl("drift").code == 0, stack.hactl("drift").out
    servers = pids(stack, "mariadb", NODES)
    connections = f"max_connections = {in_force(stack)['mdb2']}"  # whatever an earlier test left in force
    stack.ssh("mdb2", f"sudo sed -i 's/{connections}/max_connections = 77/' {SERVER_CNF}")
    stack.ssh("ha2", "sudo sed -i 's/priority 99/priority 98/' /etc/keepalived/conf.d/50-vrrp-directors.conf")
    stack.ssh("mdb3", "sudo chmod 644 /etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf")
    stack.ssh("ha1", "sudo rm /etc/chrony/sources.d/mariadb-ha.sources")
    seen = stack.hactl("drift")
    assert seen.code == 1, seen.out
    for words in (
        "mdb2",
        f"-{connections}",
        "+max_connections = 77",
        "ha2",
        "98",
        "mdb3",
        "72-mariadb-ha-sst.cnf",
        "ha1",
        "mariadb-ha.sources",
    ):
        assert words in seen.out, words
    assert "wsrep_sst_auth" not in seen.out, "of a secret file only that it differs"
    repaired = stack.hactl("drift", "--repair", "--yes")
    assert repaired.code == 0, repaired.out
    assert stack.hactl("drift").code == 0
    assert connections in stack.ssh("mdb2", f"cat {SERVER_CNF}").out
    assert "priority 99" in stack.ssh("ha2", "sudo cat /etc/keepalived/conf.d/50-vrrp-directors.conf").out
    assert stack.ssh("mdb3", "cat /etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf").code != 0
    assert pids(stack, "mariadb", NODES) == servers, "the server never read the line: putting it right restarts nothing"
    assert stack.healthy_within(), stack.hactl("status").out
