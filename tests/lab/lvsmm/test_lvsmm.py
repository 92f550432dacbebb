"""Two masters behind directors: one takes clients at a time, one leaves and returns, forwarding is changed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.lab.changing import clients_write, stack_file_says
from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack

VIP, INNER_VIP = "172.16.21.100", "172.16.21.99"
ADDRESS = {"db1": "172.16.21.5", "db2": "172.16.21.6"}
SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf")
PATIENCE = 300.0


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    return stack.status()


def table(stack: Stack, director: str) -> str:
    """The kernel's IPVS table."""
    return stack.ssh(director, "sudo ipvsadm -Ln").out


def table_says(stack: Stack, director: str, server: str, *, there: bool) -> str:
    """Waits until a real server is in a director's table, or is not."""
    deadline = time.monotonic() + PATIENCE
    while ((f"{ADDRESS[server]}:3306" in (found := table(stack, director))) is not there) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.5)
    assert (f"{ADDRESS[server]}:3306" in found) is there, found
    return found


def writes_through_the_vip(stack: Stack) -> str:
    """Writes a row as a client on this machine does; the server that took it."""
    account = stack.outputs["databases"]["app"]["accounts"]["app"]
    script = (
        "import os, pymysql; c = pymysql.connect(host='127.0.0.1', port=int(os.environ['P']), user=os.environ['U'],"
        " password=os.environ['W'], database='app', autocommit=True, connect_timeout=20, read_timeout=20);"
        " k = c.cursor(); k.execute('CREATE TABLE IF NOT EXISTS w (id INT AUTO_INCREMENT PRIMARY KEY)');"
        " k.execute('INSERT INTO w VALUES ()'); k.execute('SELECT @@hostname'); print(k.fetchone()[0])"
    )
    environment = {"P": str(stack.port), "U": account["username"], "W": account["password"]}
    words = [f"{key}={value}" for key, value in environment.items()]
    done = stack.run("env", *words, "toolchain/run", "python", "-c", script, timeout=120)
    assert done.code == 0, done.out
    return done.out.strip().splitlines()[-1]


def test_one_server_takes_the_clients_and_both_are_writable(stack: Stack, measure: Measure) -> None:
    measure("lvsmm: make up", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    found = said(stack)
    assert found["healthy"] is True, found
    for host in ("db1", "db2"):
        assert stack.sql(host, "SELECT @@read_only") == "0"
        assert VIP in stack.ssh(host, "ip -4 addr show lo").out
    assert writes_through_the_vip(stack) == "db1"
    assert stack.sql("db2", "SELECT COUNT(*) FROM app.w") == "1"


def test_they_boot_read_only_and_open_by_themselves(stack: Stack) -> None:
    stack.ssh("db2", "sudo systemctl restart mariadb", timeout=300)
    stack.agent_says("db2", "ok: replicates", seconds=120)
    assert "read_only is OFF" in stack.ssh("db2", "sudo journalctl -u mariadb-ha-master-watch -n 5 -o cat").out
    assert stack.healthy_within()


def test_mysqld_stopped_is_removed_and_added_back(stack: Stack) -> None:
    """The preferred server leaves the table, the other one takes the clients; back, it gets them again once there are
    none there.
    """
    stack.ssh("db1", "sudo systemctl stop mariadb", timeout=300)
    try:
        for director in ("lvs1", "lvs2"):
            table_says(stack, director, "db1", there=False)
        assert writes_through_the_vip(stack) == "db2"
    finally:
        stack.ssh("db1", "sudo systemctl start mariadb", timeout=300)
    for director in ("lvs1", "lvs2"):
        table_says(stack, director, "db1", there=True)
    assert stack.healthy_within()
    assert stack.sql("db1", "SELECT COUNT(*) FROM app.w") == stack.sql("db2", "SELECT COUNT(*) FROM app.w")


@pytest.mark.matrix
def test_drill_realserver_stop(stack: Stack, measure: Measure) -> None:
    assert drill(stack, "realserver-stop", measure)["target"] == "db1"


@pytest.mark.matrix
@pytest.mark.parametrize("fault", ["director-stop", "director-kill"])
def test_drill_of_the_director_that_has_the_vip(stack: Stack, measure: Measure, fault: str) -> None:
    report = drill(stack, fault, measure)
    assert report["target"] == "lvs1"
    assert writes_through_the_vip(stack) == "db1", "the other director leads to the same server"


@pytest.mark.matrix
def test_power_cut_of_the_server_that_has_the_clients(stack: Stack, measure: Measure) -> None:
    """No promoter: the other one is writable already, and what the dead one acknowledged is there (semi-sync)."""
    assert drill(stack, "realserver-kill", measure)["target"] == "db1"


@pytest.mark.matrix
def test_a_server_that_returns_while_the_other_one_has_clients_stands_by(stack: Stack) -> None:
    stack.agent_says("db1", "ok: replicates")
    with clients_write(stack):
        stack.ssh("db1", "sudo systemctl stop mariadb", timeout=300)
        stack.ssh("db1", "sudo systemctl start mariadb", timeout=300)
        stack.agent_says("db1", "stands by: db2 has the clients", seconds=120)
        assert said(stack)["healthy"] is True
    stack.agent_says("db1", "ok: replicates", seconds=120)


@pytest.mark.matrix
def test_alone_after_a_start_it_stays_closed(stack: Stack) -> None:
    """It cannot know what the other one took meanwhile."""
    stack.ssh("db2", "sudo systemctl stop mariadb mariadb-ha-agent", timeout=300)
    try:
        stack.ssh("db1", "sudo systemctl restart mariadb", timeout=300)
        stack.agent_says("db1", "may have writes that are not here", seconds=120)
        assert stack.sql("db1", "SELECT @@read_only") == "1"
    finally:
        stack.ssh("db2", "sudo systemctl start mariadb mariadb-ha-agent", timeout=300)
    assert stack.healthy_within()


def test_every_scheduler_is_accepted_by_the_directors_kernel(stack: Stack) -> None:
    flags = {"sh": "-b sh-port,sh-fallback", "mh": "-b mh-port,mh-fallback"}
    each = "; ".join(
        f"modprobe ip_vs_{algo} && ipvsadm -A -t 192.0.2.1:{port} -s {algo} {flags.get(algo, '')}"
        for port, algo in enumerate(SCHEDULERS, 1)
    )
    ends = "; ".join(f"ipvsadm -D -t 192.0.2.1:{port}" for port, _ in enumerate(SCHEDULERS, 1))
    found = stack.ssh("lvs2", f"sudo sh -c '{each}; ipvsadm -Ln; {ends}'", timeout=600).out
    for port, algo in enumerate(SCHEDULERS, 1):
        assert f"192.0.2.1:{port} {algo}" in found, (algo, found)


@pytest.mark.matrix
def test_both_take_writes_by_weights_and_clients_stay(stack: Stack) -> None:
    """The document's way: wrr, weight 3 each, persistence."""
    service = {"lb_algo": "wrr", "lb_kind": "DR", "weights": {"db1": 3, "db2": 3}, "persistence_timeout": 50}
    changes = {"directors": {"virtual_server": service}, "master_master": {"routing": "all-masters"}}
    with stack_file_says(stack, changes):
        done = stack.make("up")
        assert done.code == 0, done.out[-5000:]
        assert stack.healthy_within(), stack.hactl("status").out
        found = table(stack, "lvs1")
        assert f"{VIP}:3306 wrr persistent 50" in found
        for address in ADDRESS.values():
            assert f"{address}:3306" in found
        assert stack.sql("db1", "SELECT @@gtid_domain_id") != stack.sql("db2", "SELECT @@gtid_domain_id")
        first = writes_through_the_vip(stack)
        assert writes_through_the_vip(stack) == first, "persistence"


@pytest.mark.matrix
def test_nat_serves(stack: Stack) -> None:
    """Answers go through the director that has the inner VIP; the port is another one."""
    changes = {
        "directors": {"inner_vip": INNER_VIP, "virtual_server": {"lb_algo": "fo", "lb_kind": "NAT"}},
        "master_master": {"routing": "single-writer"},
    }
    with stack_file_says(stack, changes):
        done = stack.make("up")
        assert done.code == 0, done.out[-5000:]
        assert stack.healthy_within(), stack.hactl("status").out
        assert "Masq" in table(stack, "lvs1")
        assert VIP not in stack.ssh("db1", "ip -4 addr show lo").out
        assert writes_through_the_vip(stack) == "db1"
    assert stack.make("up").code == 0
    assert stack.healthy_within(), stack.hactl("status").out
    assert VIP in stack.ssh("db1", "ip -4 addr show lo").out
    assert "7306" not in stack.ssh("db1", "ip -4 rule").out
    assert writes_through_the_vip(stack) == "db1"
