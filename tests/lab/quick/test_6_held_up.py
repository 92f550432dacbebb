"""A node that is blocked, full or held up, as the directors treat it and `hactl status` names it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab.stacks import Stack

pytestmark = pytest.mark.matrix

#: As long as a slow day may take until a state is told (s).
PATIENCE = 240.0


def said(stack: Stack, words: str) -> None:
    """Wait until `hactl status` says it of mdb2, or of a director."""
    end = time.monotonic() + PATIENCE
    while words not in (out := " ".join(stack.hactl("status").out.split())):
        assert time.monotonic() < end, out
        time.sleep(1)


def weight(stack: Stack, director: str) -> int | None:
    """mdb2's in a director's table; None while it is not there."""
    servers = stack.status()["hosts"][director]["ipvs"][0]["servers"]
    found = [server["weight"] for server in servers if server["address"] == "172.16.21.181"]
    return found[0] if found else None


def weighs(stack: Stack, wanted: int) -> None:
    end = time.monotonic() + PATIENCE
    while (seen := {director: weight(stack, director) for director in ("ha1", "ha2")}) != dict.fromkeys(seen, wanted):
        assert time.monotonic() < end, seen
        time.sleep(1)


@contextmanager
def left(stack: Stack, statements: str) -> Iterator[None]:
    """A session on mdb2 that has carried statements out and sleeps."""
    unit = "lab-session"
    command = f"(echo '{statements}'; sleep 600) | mariadb"
    assert stack.ssh("mdb2", f'sudo systemd-run --collect --unit={unit} sh -c "{command}"').code == 0
    try:
        yield
    finally:
        stack.ssh("mdb2", f"sudo systemctl stop {unit}")


@pytest.fixture(autouse=True)
def whole(stack: Stack) -> Iterator[None]:
    assert stack.healthy_within(), stack.hactl("status").out
    yield
    assert stack.healthy_within(), stack.hactl("status").out


def test_a_blocked_port_takes_the_server_out(stack: Stack) -> None:
    """Its agent says 200 all the while."""
    rules = "type filter hook input priority -10\ntcp dport 3306 drop"
    table = f"table inet lab_block {{\nchain input {{\n{rules}\n}}\n}}\n"
    assert stack.ssh("mdb2", "sudo nft -f -", stdin=table).code == 0
    try:
        weighs(stack, 0)
        said(stack, "MariaDB's port on mdb2 takes no connections from here (no answer in")
        stack.agent_says("mdb2", "200")
    finally:
        stack.ssh("mdb2", "sudo nft delete table inet lab_block")
    weighs(stack, 1)


def test_a_full_node_keeps_its_sessions_and_gets_no_new_ones(stack: Stack) -> None:
    stack.sql("mdb2", "SET GLOBAL max_connections = 10")
    many = "for n in 1 2 3 4 5 6 7 8 9 10; do (sleep 600 | mariadb --connect-timeout=5) & done; wait"
    assert stack.ssh("mdb2", f"sudo systemd-run --collect --unit=lab-many sh -c '{many}'").code == 0
    try:
        weighs(stack, 0)
        said(stack, "of 10 connections are used")
    finally:
        stack.ssh("mdb2", "sudo systemctl stop lab-many")
        stack.sql("mdb2", "SET GLOBAL max_connections = 200")
    weighs(stack, 1)


def test_desync_and_a_held_lock_are_named(stack: Stack) -> None:
    stack.sql("mdb2", "SET GLOBAL wsrep_desync = ON")
    try:
        said(stack, "wsrep_desync is ON")
    finally:
        stack.sql("mdb2", "SET GLOBAL wsrep_desync = OFF")
    assert stack.healthy_within(), stack.hactl("status").out
    with left(stack, "FLUSH TABLES WITH READ LOCK;"):
        said(stack, "a session holds FLUSH TABLES WITH READ LOCK or a backup's lock")
