"""Reads and writes through two balancers: who serves what, what a lagging replica does, and a balancer that ends."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import pytest

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Run, Stack

VIP, WRITES, READS = "172.16.21.55", 3306, 3307
REPLICAS = ("r1", "r2")
#: Standard input: [what PyMySQL is to connect with, a statement, in how many sessions].
CLIENT = """
import json, sys, pymysql
asked, statement, sessions = json.load(sys.stdin)
try:
    for _ in range(sessions):
        with pymysql.connect(**asked, autocommit=True) as session, session.cursor() as cursor:
            cursor.execute(statement)
            print(*(" ".join(map(str, row)) for row in cursor.fetchall()), sep="\\n")
except pymysql.MySQLError as error:
    sys.exit(str(error))
"""
#: The application's, by stack.
PASSWORDS: dict[str, str] = {}
#: Bound of a wait for an event, in seconds, for a slow day.
PATIENCE = 300.0


def client(stack: Stack, port: int, statement: str, *, sessions: int = 1) -> Run:
    """A statement of the application, through the balancers' VIP; its rows, or the error and a code that is not 0."""
    if stack.name not in PASSWORDS:
        PASSWORDS[stack.name] = stack.outputs["databases"]["app"]["accounts"]["app"]["password"]
    asked = {"host": VIP, "port": port, "user": "app", "database": "app", "connect_timeout": 10}
    asked["password"] = PASSWORDS[stack.name]
    return stack.run("lab/run", sys.executable, "-c", CLIENT, stdin=json.dumps([asked, statement, sessions]))


def served_by(stack: Stack, port: int) -> str:
    """The host on which a new session ends up; the error where there is none."""
    return client(stack, port, "SELECT @@hostname").out.strip()


def writer(stack: Stack) -> str:
    """The server of the pair that takes writes."""
    (found,) = (host for host in ("db1", "db2") if stack.sql(host, "SELECT @@read_only") == "0")
    return found


def readers(stack: Stack) -> set[str]:
    """The hosts of several sessions that read."""
    return set(client(stack, READS, "SELECT @@hostname", sessions=6).out.split())


def reads_go_to(stack: Stack, wanted: set[str]) -> None:
    """Until sessions that read end up on these hosts, all of them and no other."""
    deadline = time.monotonic() + PATIENCE
    while (found := readers(stack)) != wanted:
        assert time.monotonic() < deadline, f"reads go to {found}: {pools(stack)}"
        time.sleep(0.5)


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    return stack.status()


def preferred_holds(stack: Stack) -> dict[str, Any]:
    """Status once the balancer of higher priority has the VIP: lb2 was up first, and keeps it for `preempt_delay`."""
    deadline = time.monotonic() + PATIENCE
    while (found := said(stack))["vip_holders"][VIP] != ["lb1"]:
        assert time.monotonic() < deadline, found["vip_holders"]
        time.sleep(2)
    return found


def pools(stack: Stack) -> list[dict[str, Any]]:
    """haproxy's servers, as the VIP's holder has them."""
    document = said(stack)
    holder = document["vip_holders"][VIP][0]
    found: list[dict[str, Any]] = document["hosts"][holder]["haproxy"]
    return found


def test_writes_go_to_the_writer_and_reads_to_the_replicas(stack: Stack, measure: Measure) -> None:
    measure("rb: make up on six container hosts", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    assert client(stack, WRITES, "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(20))").code == 0
    assert client(stack, WRITES, "INSERT INTO t (words) VALUES ('one')").code == 0
    assert served_by(stack, WRITES) == writer(stack)
    reads_go_to(stack, set(REPLICAS))
    refused = client(stack, READS, "INSERT INTO t (words) VALUES ('two')")
    assert refused.code != 0
    assert "read-only" in refused.out
    found = preferred_holds(stack)
    assert found["healthy"] is True, found["problems"]
    assert found["hosts"]["r1"]["replication"]["source"] == "172.16.21.50"
    up = {(server["pool"], server["name"]) for server in pools(stack) if server["status"] == "UP"}
    assert {("replicas", "r1"), ("replicas", "r2"), ("masters", "db1"), ("masters", "db2")} <= up


def test_statistics_want_a_password(stack: Stack) -> None:
    asked = "curl -s -o /dev/null -w %{http_code} http://172.16.21.56:8404/metrics"
    assert stack.run("lab/run", "bash", "-c", asked).out.strip().endswith("401")
    users = stack.ssh("lb1", "sudo cat /etc/haproxy/mariadb-ha-users.cfg").out
    password = users.split("insecure-password ")[1].split()[0]
    answer = stack.run("lab/run", "curl", "-s", "-u", f"stats:{password}", "http://172.16.21.56:8404/metrics")
    assert "haproxy_server_status" in answer.out
    direct = stack.run("lab/run", "bash", "-c", "timeout 3 bash -c '</dev/tcp/172.16.21.50/3306'")
    assert direct.code != 0, "clients come by the balancers only"


def test_a_second_up_does_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out[-3000:]
    assert "nothing to do" in again.out


def test_a_replica_that_stopped_leaves_and_comes_back(stack: Stack) -> None:
    stack.sql("r1", "STOP SLAVE SQL_THREAD")
    stack.agent_says("r1", "replication has stopped", 120)
    reads_go_to(stack, {"r2"})
    words = json.dumps(said(stack)["problems"])
    assert "r1" in words, words
    stack.sql("r1", "START SLAVE SQL_THREAD")
    stack.agent_says("r1", "ok: lags", 120)
    reads_go_to(stack, set(REPLICAS))


def test_a_replica_that_lags_too_far_leaves_and_comes_back(stack: Stack) -> None:
    """A table that is locked on the replica: it connects, it runs, and it applies nothing."""
    client(stack, WRITES, "INSERT INTO t (words) VALUES ('before')")
    lock = "nohup sudo mariadb app -e 'LOCK TABLES t READ; SELECT SLEEP(1000)' >/dev/null 2>&1 & echo held"
    assert "held" in stack.ssh("r2", lock).out
    time.sleep(1)
    client(stack, WRITES, "INSERT INTO t (words) VALUES ('held up')")
    stack.agent_says("r2", "lags .*max_lag_s 10", 300)
    reads_go_to(stack, {"r1"})
    kill = "SELECT CONCAT('KILL ', ID, ';') FROM information_schema.processlist WHERE INFO LIKE '%SLEEP(1000)%'"
    stack.ssh("r2", f'sudo mariadb -N -B -e "{kill} AND ID <> CONNECTION_ID()" | sudo mariadb --force')
    stack.agent_says("r2", "ok: lags", 300)
    reads_go_to(stack, set(REPLICAS))


def test_while_all_lag_reads_go_to_the_master(stack: Stack) -> None:
    for host in REPLICAS:
        stack.sql(host, "STOP SLAVE SQL_THREAD")
    reads_go_to(stack, {writer(stack)})
    for host in REPLICAS:
        stack.sql(host, "START SLAVE SQL_THREAD")
    reads_go_to(stack, set(REPLICAS))
    assert stack.healthy_within(PATIENCE)


def test_balancer_stop(stack: Stack, measure: Measure) -> None:
    preferred_holds(stack)
    report = drill(stack, "balancer-stop", measure)
    assert report["target"] == "lb1"
    reading(report, measure)


@pytest.mark.matrix
def test_replica_stop(stack: Stack, measure: Measure) -> None:
    reading(drill(stack, "replica-stop", measure), measure)


@pytest.mark.matrix
def test_power_cut_of_a_replica(stack: Stack, measure: Measure) -> None:
    report = drill(stack, "replica-kill", measure)
    assert report["target"] in REPLICAS
    reading(report, measure)


@pytest.mark.matrix
def test_power_cut_of_the_balancer_that_has_the_vip(stack: Stack, measure: Measure) -> None:
    preferred_holds(stack)
    report = drill(stack, "balancer-kill", measure)
    assert report["target"] == "lb1"
    reading(report, measure)


@pytest.mark.matrix
def test_writer_kill(stack: Stack, measure: Measure) -> None:
    before = writer(stack)
    report = drill(stack, "writer-kill", measure)
    assert report["target"] == before
    reading(report, measure)
    assert served_by(stack, WRITES) == writer(stack) != before


@pytest.mark.matrix
def test_sessions_of_clients_that_are_gone_end_on_both_balancers(stack: Stack) -> None:
    """The VIP has moved twice in these drills: a balancer that lost it does not hear its clients' end."""
    deadline = time.monotonic() + PATIENCE
    while left := {
        (host, server["pool"], server["name"]): server["sessions"]
        for host in ("lb1", "lb2")
        for server in said(stack)["hosts"][host]["haproxy"]
        if server["sessions"]
    }:
        assert time.monotonic() < deadline, left
        time.sleep(2)


def reading(report: dict[str, Any], measure: Measure) -> None:
    """Reads were served meanwhile."""
    assert report["reads_served_fault"] > 0
    measure(
        f"read-balancing: reads during {report['drill']}",
        f"{report['reads_served_fault']} served, {report['read_errors']} errors, pause {report['read_gap_s']} s, of one"
        f" client {report['client_read_gap_s']} s, promised {report['promised_read_gap_s']} s and up to"
        f" {report['client_read_step_s']} s of its own",
    )


@pytest.mark.matrix
def test_a_new_replica_gets_a_copy_where_the_logs_are_not_complete(stack: Stack, measure: Measure) -> None:
    """The data directory of r2 is lost, and the first binary logs of the pair are gone. The program of the step runs by
    hand, with what the plan gives it.
    """
    for host in ("db1", "db2"):
        stack.sql(host, "FLUSH BINARY LOGS")
        last = stack.sql(host, "SHOW BINARY LOGS").splitlines()[-1].split()[0]
        stack.sql(host, f"PURGE BINARY LOGS TO '{last}'")
    user, password = stack.ssh("r1", "sudo sed -n 5,6p /var/lib/mysql/master.info").out.split()[:2]
    clone = stack.ssh("db1", "sudo cat /etc/mariadb-ha/clone.secret").out.strip()
    wipe = "sudo systemctl stop mariadb && sudo find /var/lib/mysql -mindepth 1 -delete"
    assert stack.ssh("r2", wipe).code == 0
    mended = stack.ssh("r2", "sudo /usr/local/lib/mariadb-ha/replica-up --recorded")
    assert mended.code == 0, mended.out
    given = json.dumps({"user": user, "password": password, "clone_password": clone})
    done = stack.ssh("r2", "sudo /usr/local/lib/mariadb-ha/replica-follow", stdin=given)
    assert done.code == 0, done.out
    measure("read-balancing: a new replica by a copy", f"{done.seconds:.0f} s")
    giver = next(host for host in ("db1", "db2") if host != writer(stack))
    assert f"copied from {giver}" in done.out, "the stand-by gives it"
    assert password not in done.out
    again = stack.ssh("r2", "sudo /usr/local/lib/mariadb-ha/replica-follow", stdin=given)
    assert "nothing to do: follows master_master" in again.out
    stack.agent_says("r2", "ok: lags", 120)
    assert stack.sql("r2", "SELECT COUNT(*) FROM app.t") == stack.sql("db2", "SELECT COUNT(*) FROM app.t")
    assert stack.healthy_within(PATIENCE)
