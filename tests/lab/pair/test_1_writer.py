"""A master-master pair with a VIP of its own: one writer, faults of it, a planned change."""

from __future__ import annotations

import json

import pytest

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.pair.pairing import HOSTS, VIP, pair, said, within, writers
from tests.lab.stacks import Stack


def test_one_server_has_the_vip_and_takes_writes(stack: Stack, measure: Measure) -> None:
    measure("pair: make up on two container hosts", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    writer, standby = pair(stack)
    assert VIP in stack.ssh(writer, "ip -4 addr show host0").out
    assert VIP not in stack.ssh(standby, "ip -4 addr show host0").out
    assert stack.healthy_within(), said(stack)
    assert said(stack)["hosts"][standby]["promoter"]["eligible"] is True


def test_what_is_written_is_on_both(stack: Stack) -> None:
    writer, standby = pair(stack)
    stack.sql(writer, "CREATE OR REPLACE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(20))")
    stack.sql(writer, "INSERT INTO app.t (words) VALUES ('one'), ('two')")
    within(lambda: stack.sql(standby, "SELECT COUNT(*) FROM app.t").strip() == "2", what="both rows on the stand-by")
    ids = [int(word) for word in stack.sql(writer, "SELECT id FROM app.t ORDER BY id").split()]
    assert ids[1] - ids[0] == 2, "offsets keep keys apart"


def test_a_second_up_does_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out[-3000:]
    assert "nothing to do" in again.out


def test_a_planned_switchover_loses_nothing(stack: Stack, measure: Measure) -> None:
    writer, standby = pair(stack)
    done = stack.hactl("switchover", "--ledger", "--yes", "--json")
    assert done.code == 0, done.out
    report = json.loads(done.out)
    measure(
        "pair: switchover",
        f"gap {report['write_gap_s']} s, promised {report['promised_gap_s']} s, acked {report['writes_acked']}",
    )
    assert (report["writes_lost"], report["nodes_equal"], report["target"]) == (0, True, writer)
    assert writers(stack) == [standby]


def test_a_switchover_to_the_writer_does_nothing(stack: Stack) -> None:
    writer, _ = pair(stack)
    done = stack.hactl("switchover", "--to", writer, "--yes", "--json")
    assert done.code == 0, done.out
    assert json.loads(done.out)["changed"] is False


def test_a_switchover_is_refused_where_the_standby_could_not_take_over(stack: Stack) -> None:
    writer, standby = pair(stack)
    stack.sql(standby, "STOP SLAVE")
    within(lambda: not said(stack)["healthy"], what="status says that replication was stopped")
    refused = stack.hactl("switchover", "--yes")
    assert refused.code == 2, refused.out
    assert "nothing is handed over" in refused.out
    assert writers(stack) == [writer]
    mended = stack.hactl("rejoin", standby, "--yes")
    assert mended.code == 0, mended.out
    assert stack.healthy_within(), said(stack)


def test_power_cut_of_the_writer(stack: Stack, measure: Measure) -> None:
    writer, standby = pair(stack)
    assert drill(stack, "writer-kill", measure)["target"] == writer
    assert writers(stack) == [standby], "the old writer came back as a replica, and does not take the VIP back"


@pytest.mark.matrix
def test_a_writer_that_hangs_is_stopped(stack: Stack, measure: Measure) -> None:
    writer, standby = pair(stack)
    assert drill(stack, "writer-hang", measure)["target"] == writer
    assert writers(stack) == [standby]


@pytest.mark.matrix
def test_a_writer_whose_links_are_cut_stops_before_it_acknowledges_alone(stack: Stack, measure: Measure) -> None:
    writer, standby = pair(stack)
    assert drill(stack, "link-cut", measure)["target"] == writer
    assert writers(stack) == [standby]


@pytest.mark.matrix
def test_power_cut_of_the_standby(stack: Stack, measure: Measure) -> None:
    """Writes wait for it for as long as is promised, and go on."""
    writer, standby = pair(stack)
    assert drill(stack, "standby-kill", measure)["target"] == standby
    assert writers(stack) == [writer]


@pytest.mark.matrix
def test_a_standby_whose_cable_is_cut_does_not_take_writes(stack: Stack) -> None:
    """It holds the VIP on its side of the cut, hears neither the writer nor the gateway, and so knows whose cable it
    is."""
    writer, standby = pair(stack)
    watch = "while sleep 0.2; do mariadb -N -e 'SELECT @@read_only' >>/run/seen; done"
    unit = "systemd-run --quiet --collect --unit=seen --property=RuntimeMaxSec=900"
    started = stack.ssh(
        standby, f'sudo systemctl stop seen 2>/dev/null; sudo rm -f /run/seen; sudo {unit} bash -c "{watch}"'
    )
    assert started.code == 0, started.out
    assert stack.run("lab/cable", standby, "down").code == 0
    try:
        within(
            lambda: "promoter" in str(said(stack)) and not said(stack)["hosts"][standby].get("reached", True),
            what="the stand-by is gone for status",
            seconds=60,
        )
        assert stack.sql(writer, "SELECT @@read_only").strip() == "0"
        stack.sql(writer, "INSERT INTO app.t (words) VALUES ('meanwhile')")
    finally:
        assert stack.run("lab/cable", standby, "up").code == 0
    assert stack.healthy_within(), said(stack)
    assert writers(stack) == [writer]
    stack.ssh(standby, "sudo systemctl stop seen")
    assert set(stack.ssh(standby, "cat /run/seen").out.split()) == {"1"}, "it never took writes"
    within(
        lambda: stack.sql(standby, "SELECT COUNT(*) FROM app.t WHERE words = 'meanwhile'").strip() == "1",
        what="the stand-by has what was written meanwhile",
    )


@pytest.mark.matrix
def test_power_cut_of_both_at_once(stack: Stack) -> None:
    writer, _ = pair(stack)
    stack.sql(writer, "INSERT INTO app.t (words) VALUES ('before the dark')")
    for host in HOSTS:
        assert stack.run("lab/power", host, "off").code == 0
    for host in HOSTS:
        assert stack.run("lab/power", host, "on").code == 0
    assert stack.healthy_within(), said(stack)
    pair(stack)
    for host in HOSTS:
        assert stack.sql(host, "SELECT COUNT(*) FROM app.t WHERE words = 'before the dark'").strip() == "1"
