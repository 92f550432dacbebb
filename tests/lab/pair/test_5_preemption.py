"""The pair with preemption: db1 has the higher priority, by the gap of 50 that such a pair needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.pair.pairing import HOSTS, VIP, pair, said, within
from tests.lab.stacks import Stack

pytestmark = pytest.mark.matrix


@pytest.fixture(scope="module")
def preempting(stack: Stack) -> Iterator[Stack]:
    """The living stack changed, as its user changes it."""
    before = stack.file.read_text()
    members = {"db1": {"priority": 150}, "db2": {"priority": 100}}
    try:
        stack.set_settings("master_master", preempt=True, preempt_delay=5, members=members)
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
    assert stack.ssh("db1", "sudo systemctl stop mariadb").code == 0
    within(lambda: stack.sql("db2", "SELECT @@read_only") == "0", what="db2 has taken over")
    stack.sql("db2", "CREATE OR REPLACE TABLE app.meanwhile (id INT PRIMARY KEY); INSERT INTO app.meanwhile VALUES (1)")
    # What comes from db2 is not applied: replication is not intact.
    held = "sudo mariadb -e 'SET GLOBAL read_only=1; STOP SLAVE'"
    assert stack.ssh("db1", f"sudo systemctl start mariadb && {held}").code == 0
    assert pair(stack) == ("db2", "db1")
    within(lambda: not said(stack)["healthy"], what="status names the server that does not follow")
    assert pair(stack) == ("db2", "db1")
    mended = stack.hactl("rejoin", "db1", "--yes")
    assert mended.code == 0, mended.out
    within(lambda: pair(stack) == ("db1", "db2"), what="db1 has the VIP and takes writes again")
    assert stack.healthy_within(), said(stack)
    for host in HOSTS:
        assert stack.sql(host, "SELECT COUNT(*) FROM app.meanwhile") == "1"
    log = stack.ssh("db1", "sudo journalctl -u keepalived -o cat --no-pager").out
    last = [line for line in log.splitlines() if "Entering" in line]
    assert "MASTER" in last[-1], log[-2000:]
    assert any("FAULT" in line for line in last), "while it did not follow it could not hold the VIP"
