"""The pair with other settings: fencing, and data to begin with.

With fencing the stand-by takes writes only once its command has said that the other host is without power.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.pair.pairing import fencing, is_fencing, pair, said, within
from tests.lab.stacks import Stack


@pytest.fixture(scope="module")
def changed(stack: Stack) -> Iterator[Stack]:
    """The pair with fencing on; where it begins with data, it is db1's."""
    with fencing(stack, data_from="db1") as made:
        yield made


@pytest.mark.matrix
def test_a_standby_waits_for_its_fencing(changed: Stack) -> None:
    stack = changed
    writer, standby = pair(stack)
    stack.ssh(standby, "sudo rm -f /run/fenced /run/the-other-host-is-off")
    assert stack.run("lab/power", writer, "off").code == 0
    try:
        is_fencing(stack, standby, writer)
        assert stack.sql(standby, "SELECT @@read_only").strip() == "1", "fencing has failed so far"
        stack.ssh(standby, "sudo touch /run/the-other-host-is-off")
        within(
            lambda: stack.sql(standby, "SELECT @@read_only").strip() == "0", what="it takes writes once it is fenced"
        )
    finally:
        assert stack.run("lab/power", writer, "on").code == 0
    assert stack.healthy_within(), said(stack)
    assert pair(stack) == (standby, writer)


@pytest.mark.matrix
def test_an_empty_server_is_made_a_copy_of_the_one_with_data(changed: Stack) -> None:
    """As at the first `up`, by the same program."""
    stack = changed
    if pair(stack)[0] != "db1":
        done = stack.hactl("switchover", "--to", "db1", "--yes")
        assert done.code == 0, done.out
    stack.sql("db1", "CREATE OR REPLACE TABLE app.old (id INT PRIMARY KEY); INSERT INTO app.old VALUES (1)")
    emptied = stack.ssh(
        "db2",
        "sudo systemctl stop mariadb && sudo mkdir /var/lib/mysql.old"
        " && sudo find /var/lib/mysql -mindepth 1 -maxdepth 1 -exec mv -t /var/lib/mysql.old {} +",
    )
    assert emptied.code == 0, emptied.out
    for host, command in (("db2", "master-up"), ("db2", "master-connect"), ("db1", "master-connect")):
        done = stack.ssh(host, f"sudo /usr/local/lib/mariadb-ha/{command} --recorded </dev/null", timeout=900)
        assert done.code == 0, done.out
    assert stack.sql("db2", "SELECT COUNT(*) FROM app.old").strip() == "1"
    assert stack.healthy_within(), said(stack)
