"""A DRBD pair: one host serves, a power cut of it, its return, and two sides that were both written to."""

from __future__ import annotations

import time

import pytest

from tests.lab.drbd.pair import HOSTS, PATIENCE, VIP, said, serving, wait_for
from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack


def test_one_host_serves(stack: Stack, measure: Measure) -> None:
    measure("drbd: make up on two VMs", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    assert serving(stack) == ["nod1"]
    assert VIP in stack.ssh("nod1", "ip -4 addr show eth0").out
    found = said(stack)
    assert found["healthy"] is True, found
    assert found["vip_holders"] == {VIP: ["nod1"]}
    assert found["hosts"]["nod1"]["drbd"]["role"] == "Primary"
    assert found["hosts"]["nod2"]["drbd"] | {"role": "Secondary", "disk": "UpToDate"} == found["hosts"]["nod2"]["drbd"]
    assert found["hosts"]["nod2"]["promoter"]["eligible"] is True


def test_a_second_up_does_nothing(stack: Stack) -> None:
    before = stack.ssh("nod1", "systemctl show -p MainPID mariadb; sudo drbdadm get-gi drbd").out
    again = stack.make("up")
    assert again.code == 0, again.out[-3000:]
    done = stack.ssh("nod1", "sudo /usr/local/lib/mariadb-ha/drbd-form")
    assert "nothing to do" in done.out, done.out
    assert stack.ssh("nod1", "systemctl show -p MainPID mariadb; sudo drbdadm get-gi drbd").out == before


@pytest.mark.matrix
def test_power_cut_of_the_primary(stack: Stack, measure: Measure) -> None:
    """Under load: nothing acknowledged is lost, and the host that comes back stands by."""
    report = drill(stack, "primary-kill", measure)
    assert report["target"] == "nod1"
    assert serving(stack) == ["nod2"]


@pytest.mark.matrix
def test_split_brain_is_said_and_resolved_and_the_discarded_side_is_saved(stack: Stack) -> None:
    """All links between the two are cut, and both are written to: without fencing both then serve."""
    cut = (
        "table inet drill { chain in { type filter hook input priority -300; ip saddr 172.16.21.221 drop; };"
        " chain out { type filter hook output priority -300; ip daddr 172.16.21.221 drop; }; }"
    )
    stack.sql("nod2", "CREATE TABLE app.t (words VARCHAR(20))")
    assert stack.ssh("nod2", f"sudo nft -f - <<< '{cut}'").code == 0
    deadline = time.monotonic() + PATIENCE
    while serving(stack) != ["nod1", "nod2"] and time.monotonic() < deadline:
        time.sleep(1)
    for host in HOSTS:
        stack.sql(host, f"INSERT INTO app.t VALUES ('{host}')")
    assert stack.ssh("nod2", "sudo nft delete table inet drill").code == 0
    wait_for(stack, "split-brain resolve")
    done = stack.hactl("split-brain", "resolve", "--discard", "nod1", "--yes")
    assert done.code == 0, done.out
    saved = stack.ssh("nod1", "sudo sh -c 'tar -tzf /var/lib/mariadb-ha/split-brain/*.tar.gz'").out
    assert "./app/t.ibd" in saved
    assert stack.healthy_within(PATIENCE)
    [now] = serving(stack)
    assert stack.sql(now, "SELECT words FROM app.t").split() == ["nod2"]


@pytest.mark.matrix
def test_both_lose_power_and_one_serves(stack: Stack) -> None:
    [before] = serving(stack)
    stack.sql(before, "INSERT INTO app.t VALUES ('last')")
    for host in HOSTS:
        assert stack.run("lab/power", host, "off").code == 0
    for host in reversed(HOSTS):
        assert stack.run("lab/power", host, "on").code == 0
    assert stack.healthy_within(PATIENCE)
    [now] = serving(stack)
    assert "last" in stack.sql(now, "SELECT words FROM app.t").split()


def test_mariadb_stopped_on_the_primary(stack: Stack, measure: Measure) -> None:
    """The other host was promoted and served, and one of the two stands by in the end. On a starved machine the VIP may
    have come back since: what the promoters and keepalived did is told then.
    """
    [before] = serving(stack)
    [other] = set(HOSTS) - {before}
    journal = "sudo journalctl --quiet -o short-precise -u mariadb-ha-promoter -u keepalived --since"
    marks = {host: stack.ssh(host, "date '+%F %T'").out.strip() for host in HOSTS}
    assert drill(stack, "primary-stop", measure)["target"] == before
    told = {host: stack.ssh(host, f"{journal} '{mark}'").out for host, mark in marks.items()}
    words = "\n".join(told.values())
    assert "serve: it holds the VIP" in told[other], words
    [now] = serving(stack)
    if now == before:
        measure("drbd: primary-stop", f"the VIP came back to {before}:\n{words}")
