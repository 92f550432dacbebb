"""The way between the two servers is cut, and nothing else: both hear the gateway and all clients, so no witness can
say whose cable it is (docs/promotion.md, a cut between the two alone).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab.measuring import Measure
from tests.lab.pair.pairing import HOSTS, VIP, fencing, is_fencing, pair, said, within, writers
from tests.lab.stacks import Stack

pytestmark = pytest.mark.matrix
SAVED = "/var/lib/mariadb-ha/surplus"
#: On the writer: numbered writes one after the other, and which of them were acknowledged.
LEDGER = """#!/bin/sh
n=0
while n=$((n + 1)); do mariadb -e "INSERT INTO app.alone VALUES ($n)" && echo $n >>/run/acked; done
"""


@contextmanager
def cut(stack: Stack) -> Iterator[None]:
    """The way between the two, cut and mended."""
    assert stack.run("lab/cable", *HOSTS, "cut").code == 0
    try:
        yield
    finally:
        for host in HOSTS:
            stack.run("lab/power", host, "on")
        assert stack.run("lab/cable", *HOSTS, "mend").code == 0


def holders(stack: Stack) -> list[str]:
    """Hosts that have the VIP on their link."""
    return [host for host in HOSTS if VIP in stack.ssh(host, "ip -4 addr show host0").out]


def test_without_fencing_both_take_writes_and_nothing_is_merged(stack: Stack, measure: Measure) -> None:
    assert stack.make("up").code == 0  # an earlier test may have left fencing on
    assert stack.healthy_within(), said(stack)
    writer, standby = pair(stack)
    stack.sql(writer, "CREATE OR REPLACE TABLE app.both_sides (id INT PRIMARY KEY, words VARCHAR(20))")
    within(lambda: "both_sides" in stack.sql(standby, "SHOW TABLES IN app"), what="the table on both")
    with cut(stack):
        within(lambda: writers(stack) == list(HOSTS), what="both take writes")
        assert holders(stack) == list(HOSTS), "VRRP goes the same way"
        stack.sql(writer, "INSERT INTO app.both_sides VALUES (7, 'old')")
        stack.sql(standby, "INSERT INTO app.both_sides VALUES (7, 'new')")
        words = json.dumps(said(stack))
        assert "db1 and db2 both take writes" in words, words
        assert "its writes are unconfirmed" in words, words
        asked = f"ip neigh flush to {VIP}; : 2>/dev/null </dev/tcp/{VIP}/3306; ip neigh show to {VIP}"
        found = stack.run("lab/run", "bash", "-c", asked).out.strip()
        measure("pair: way cut, no fencing: who answers to ARP for the VIP", found)
    within(lambda: writers(stack) == [standby], what="the one with the earlier right stops taking writes")
    within(lambda: "app.both_sides (1 rows, keys 7)" in json.dumps(said(stack)), what="status names what only one has")
    assert stack.sql(writer, "SELECT words FROM app.both_sides") == "old"
    assert stack.sql(standby, "SELECT words FROM app.both_sides") == "new"
    assert "both_sides" in stack.ssh(writer, f"sudo sh -c 'cat {SAVED}/*.sql'").out
    assert stack.hactl("rejoin", writer, "--yes").code == 2, "not without a word"
    done = stack.hactl("rejoin", writer, "--discard-its-own", "--yes")
    assert done.code == 0, done.out
    assert stack.healthy_within(), said(stack)
    assert stack.sql(writer, "SELECT words FROM app.both_sides") == "new"


def test_with_fencing_the_writer_acknowledges_nothing_alone_before_it_is_off(stack: Stack, measure: Measure) -> None:
    """The stand-by has it powered off, and only then takes writes; the writer's writes wait for a confirmation."""
    with fencing(stack, semi_sync={"rpl_semi_sync_master_timeout": 60_000}):
        assert stack.healthy_within(), said(stack)
        writer, standby = pair(stack)
        stack.sql(writer, "CREATE OR REPLACE TABLE app.alone (n INT PRIMARY KEY)")
        for host in HOSTS:
            stack.ssh(host, "sudo rm -f /run/fenced /run/the-other-host-is-off")
        begin = "sudo rm -f /run/acked; sudo tee /run/ledger >/dev/null; sudo systemd-run --collect sh /run/ledger"
        assert stack.ssh(writer, begin, stdin=LEDGER).code == 0
        within(lambda: len(acknowledged(stack, writer)) > 10, what="writes flow")
        with cut(stack):
            is_fencing(stack, standby, writer)
            assert writers(stack) == [writer], "its fencing has failed so far, and the writer goes on"
            assert stack.ssh(writer, "cat /run/fenced").code != 0, "the writer has nobody fenced"
            acked = acknowledged(stack, writer)
            assert stack.run("lab/power", writer, "off").code == 0
            stack.ssh(standby, "sudo touch /run/the-other-host-is-off")
            within(lambda: stack.sql(standby, "SELECT @@read_only") == "0", what="it takes writes")
            rows = {int(word) for word in stack.sql(standby, "SELECT n FROM app.alone").split()}
            measure("pair: way cut, fencing", f"{len(acked)} writes acknowledged, {len(acked - rows)} of them lost")
            assert acked <= rows
        assert stack.healthy_within(), said(stack)
        assert pair(stack) == (standby, writer)
    up = stack.make("up")
    assert up.code == 0, up.out[-3000:]


def acknowledged(stack: Stack, host: str) -> set[int]:
    """Numbers of the writes that a client on that host got an OK for."""
    return {int(word) for word in stack.ssh(host, "cat /run/acked").out.split() if word.isdigit()}
