"""The pair with preemption: db1 has the higher priority, by the gap of 50 that such a pair needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.pair.pairing import HOSTS, VIP, mark, pair, said, stays, transitions, within, writers
from tests.lab.stacks import Stack

pytestmark = pytest.mark.matrix


#: `preempt_delay` in these tests, and for how long it is watched that nothing is taken back (s).
DELAY, WATCHED = 5, 20.0


def test_without_preemption_it_is_not_taken_back(stack: Stack) -> None:
    """db1 has the higher priority, comes back whole, and keepalived does not even try."""
    if pair(stack)[0] != "db1":
        done = stack.hactl("switchover", "--to", "db1", "--yes")
        assert done.code == 0, done.out
    assert stack.healthy_within(), said(stack)
    before = {host: mark(stack, host) for host in HOSTS}
    assert stack.ssh("db1", "sudo systemctl stop mariadb").code == 0
    try:
        within(lambda: stack.sql("db2", "SELECT @@read_only") == "0", what="db2 has taken over")
        meanwhile = {host: mark(stack, host) for host in HOSTS}
    finally:
        assert stack.ssh("db1", "sudo systemctl start mariadb").code == 0
    assert stack.healthy_within(), said(stack)
    assert transitions(stack, "db1", before["db1"]) == ["FAULT", "BACKUP"], "it gave the VIP up, and may hold it again"
    assert transitions(stack, "db2", before["db2"]) == ["MASTER"]
    stays(lambda: writers(stack) == ["db2"], what="db2 takes writes", seconds=WATCHED)
    assert transitions(stack, "db1", meanwhile["db1"]) == ["BACKUP"], "nothing was even tried meanwhile"
    assert transitions(stack, "db2", meanwhile["db2"]) == []


@pytest.fixture(scope="module")
def preempting(stack: Stack) -> Iterator[Stack]:
    """The living stack changed, as its user changes it."""
    before = stack.file.read_text()
    members = {"db1": {"priority": 150}, "db2": {"priority": 100}}
    try:
        stack.set_settings("master_master", preempt=True, preempt_delay=DELAY, members=members)
        up = stack.make("up")
        assert up.code == 0, up.out[-3000:]
        yield stack
    finally:
        stack.file.write_text(before)
        stack.make("up")


def test_the_preferred_one_takes_the_vip_by_itself(preempting: Stack) -> None:
    within(lambda: pair(preempting) == ("db1", "db2"), what="db1 takes writes")
    assert VIP in preempting.ssh("db1", "ip -4 addr show host0").out


def test_it_takes_it_back_only_with_its_replication_intact(preempting: Stack) -> None:
    """mysqld stops on the holder; what the other one takes meanwhile must be on it before it serves again."""
    stack = preempting
    before = mark(stack, "db1")
    assert stack.ssh("db1", "sudo systemctl stop mariadb").code == 0
    within(lambda: stack.sql("db2", "SELECT @@read_only") == "0", what="db2 has taken over")
    stack.sql("db2", "CREATE OR REPLACE TABLE app.meanwhile (id INT PRIMARY KEY); INSERT INTO app.meanwhile VALUES (1)")
    # What comes from db2 is not applied: replication is not intact.
    held = "sudo mariadb -e 'SET GLOBAL read_only=1; STOP SLAVE'"
    assert stack.ssh("db1", f"sudo systemctl start mariadb && {held}").code == 0
    within(lambda: not said(stack)["healthy"], what="status names the server that does not follow")
    stays(lambda: writers(stack) == ["db2"], what="db1 is not let in", seconds=WATCHED)
    assert "MASTER" not in transitions(stack, "db1", before), "while it did not follow it could not hold the VIP"
    assert "FAULT" in transitions(stack, "db1", before)
    mended = stack.hactl("rejoin", "db1", "--yes")
    assert mended.code == 0, mended.out
    within(lambda: pair(stack) == ("db1", "db2"), what="db1 has the VIP and takes writes again")
    assert stack.healthy_within(), said(stack)
    for host in HOSTS:
        assert stack.sql(host, "SELECT COUNT(*) FROM app.meanwhile") == "1"
    assert transitions(stack, "db1", before)[-1] == "MASTER"
