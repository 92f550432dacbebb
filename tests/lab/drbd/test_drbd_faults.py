"""Planned changes, verification and further faults of a DRBD pair."""

from __future__ import annotations

import time

import pytest

from tests.lab.drbd.pair import PATIENCE, other, said, serving, wait_for
from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Run, Stack

pytestmark = pytest.mark.matrix


def handed_over(stack: Stack) -> Run:
    """A busy machine's guests stand still for seconds: a handover is refused then, and asked for again."""
    deadline = time.monotonic() + PATIENCE
    while (done := stack.hactl("switchover", "--yes", "--json")).code != 0 and time.monotonic() < deadline:
        assert "nothing is handed over" in done.out, done.out
        time.sleep(5)
    assert done.code == 0, done.out
    return done


def test_a_switchover_in_order_and_the_drill_back(stack: Stack, measure: Measure) -> None:
    [before] = serving(stack)
    done = handed_over(stack)
    assert done.document["writer"] == other(before)
    assert serving(stack) == [other(before)]
    assert stack.healthy_within(PATIENCE)
    again = stack.hactl("switchover", "--to", other(before), "--yes", "--json")
    assert (again.code, again.document["changed"]) == (0, False)
    assert drill(stack, "switchover", measure)["target"] == other(before)
    assert serving(stack) == [before]


def test_the_split_brain_drill_mends_what_it_made_and_says_what_was_lost(stack: Stack, measure: Measure) -> None:
    done = stack.hactl("drill", "split-brain", "--yes", "--json")
    report = done.document
    assert done.code == 0, done.out
    measure(
        "drbd: drill split-brain",
        f"gap {report['write_gap_s']} s, acked {report['writes_acked']}, given up {report['writes_given_up']},"
        f" UpToDate {report['heal_s']} s after the link was mended",
    )
    assert report["writes_lost"] == report["writes_given_up"]
    assert report["writes_lost_besides"] == 0
    assert report["healed"] is True and report["nodes_equal"] is True
    listed = stack.ssh(report["discarded"], f"sudo tar -tzf {report['saved']}").out
    assert "./ibdata1" in listed
    assert len(serving(stack)) == 1


def test_a_block_that_differs_is_found_said_and_copied_anew(stack: Stack, measure: Measure) -> None:
    """On the Secondary, below DRBD, where the file system has nothing yet. Emulated guests compare 4 MiB a second."""
    [primary] = serving(stack)
    spoil = "sudo dd if=/dev/urandom of=/dev/vdb bs=4096 seek=393216 count=2 oflag=direct conv=notrunc"
    secondary = other(primary)
    assert stack.ssh(secondary, spoil).code == 0
    began = time.monotonic()
    found = stack.hactl("verify", "--json")
    measure("drbd: hactl verify of 2 GiB", f"{time.monotonic() - began:.0f} s")
    assert found.code != 0, found.out
    report = found.document
    assert report["alike"] is False
    [component] = report["components"]
    assert any("sector 3145728" in line for line in component["said"]), component
    status = wait_for(stack, "8 KiB differ between the two disks")
    assert status["healthy"] is False
    assert status["hosts"][primary]["drbd"]["verified"]["out_of_sync_kib"] == 8
    mended = stack.ssh(secondary, "sudo drbdadm disconnect drbd && sudo drbdadm connect drbd")
    assert mended.code == 0, mended.out
    assert stack.healthy_within(PATIENCE)
    read = "sudo dd if=/dev/vdb bs=4096 skip=393216 count=2 iflag=direct status=none | sha256sum"
    assert stack.ssh(secondary, read).out == stack.ssh(primary, read).out, "copied from the Primary"
    assert stack.ssh(primary, "systemctl is-active mariadb-ha-drbd-verify.timer").out.strip() == "active"


def test_the_primary_loses_power_during_a_resync(stack: Stack) -> None:
    """The other one has half of it, and must not serve; the Primary serves again when it is back, and the resync
    goes on.
    """
    [primary] = serving(stack)
    secondary = other(primary)
    stack.sql(primary, "CREATE TABLE IF NOT EXISTS app.resync (words VARCHAR(20))")
    slow = "sudo drbdadm disk-options --c-plan-ahead=0 --resync-rate=2M drbd"
    for host in (primary, secondary):
        assert stack.ssh(host, slow).code == 0
    assert stack.ssh(secondary, "sudo drbdadm invalidate drbd").code == 0
    wait_for(stack, "until it ends one host alone has whole data")
    stack.sql(primary, "INSERT INTO app.resync VALUES ('before')")
    assert stack.run("lab/power", primary, "off").code == 0
    status = wait_for(stack, "its data is not whole")
    assert status["healthy"] is False
    assert serving(stack) == []
    assert status["hosts"][secondary]["drbd"]["disk"] == "Inconsistent"
    assert stack.run("lab/power", primary, "on").code == 0
    found = wait_for(stack, '"active": true')
    assert found["hosts"][secondary]["drbd"]["disk"] == "Inconsistent", "it serves before the resync has ended"
    assert serving(stack) == [primary]
    assert stack.ssh(secondary, "sudo drbdadm adjust drbd").code == 0
    assert stack.healthy_within(PATIENCE)
    assert stack.sql(primary, "SELECT words FROM app.resync").split() == ["before"]
    assert said(stack)["healthy"] is True
