"""A master-master pair with a VIP of its own: one writer, a power cut of it, a server that cannot follow, a change."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack

VIP = "172.16.21.50"
PATIENCE = 300.0


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    document: dict[str, Any] = json.loads(stack.hactl("status", "--json").out)
    return document


def writers(stack: Stack) -> list[str]:
    """Servers that take writes."""
    return [host for host in ("db1", "db2") if stack.sql(host, "SELECT @@read_only").strip() == "0"]


def test_one_server_has_the_vip_and_takes_writes(stack: Stack, measure: Measure) -> None:
    measure("pair: make up on two container hosts", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    assert writers(stack) == ["db1"]
    assert VIP in stack.ssh("db1", "ip -4 addr show host0").out
    assert VIP not in stack.ssh("db2", "ip -4 addr show host0").out
    found = said(stack)
    assert found["healthy"] is True, found
    assert found["hosts"]["db2"]["promoter"]["eligible"] is True


def test_what_is_written_is_on_both(stack: Stack) -> None:
    stack.sql("db1", "CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(20))")
    stack.sql("db1", "INSERT INTO app.t (words) VALUES ('one'), ('two')")
    assert stack.sql("db2", "SELECT COUNT(*) FROM app.t").strip() == "2", "semi-sync has sent it; it is applied at once"
    assert stack.sql("db1", "SELECT GROUP_CONCAT(id ORDER BY id) FROM app.t").strip() == "1,3", (
        "offsets keep keys apart"
    )


def test_a_second_up_does_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out[-3000:]
    assert "nothing to do" in again.out


def test_power_cut_of_the_writer(stack: Stack, measure: Measure) -> None:
    report = drill(stack, "writer-kill", measure)
    assert report["target"] == "db1"
    assert writers(stack) == ["db2"], "the old writer came back as a replica, and does not take the VIP back"


def test_a_writer_that_hangs_is_stopped(stack: Stack, measure: Measure) -> None:
    assert drill(stack, "writer-hang", measure)["target"] == "db2"
    assert writers(stack) == ["db1"]


def test_a_history_of_its_own_is_named_and_nothing_is_merged(stack: Stack) -> None:
    """Root may write on the stand-by; from the next write on the two cannot follow each other."""
    stack.sql("db2", "CREATE DATABASE only_here")
    stack.sql("db1", "INSERT INTO app.t (words) VALUES ('three')")
    deadline = time.monotonic() + PATIENCE
    while (found := said(stack))["healthy"] and time.monotonic() < deadline:
        time.sleep(1)
    words = json.dumps(found)
    assert "transactions that db1 has not" in words, words
    assert writers(stack) == ["db1"]
    assert "only_here" not in stack.sql("db1", "SHOW DATABASES").split()
    refused = stack.hactl("drill", "writer-stop", "--yes", "--json")
    assert refused.code == 2, "no drill on a pair without a stand-by"
