"""Slowness is not death: what stands still or is busy everywhere takes nobody's place; one server that is gone is out.

The figures are told, never asserted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pymysql
import pytest

from tests.lab.measuring import Measure
from tests.lab.quick.test_5_silence import DIRECTORS, REAL_SERVERS, session
from tests.lab.stacks import Stack

pytestmark = pytest.mark.matrix

NODES = ("mdb1", "mdb2", "mdb3")
ADDRESSES = {"mdb2": "172.16.21.181", "mdb3": "172.16.21.182"}
#: As long as a slow day may take until a state is seen (s).
PATIENCE = 240.0
#: MariaDB's error "WSREP has not yet prepared node for application use".
NOT_READY = 1047
TABLE = "sudo ipvsadm -Ln | awk '/-> [0-9]/ {print $2, $4}'"


@pytest.fixture(autouse=True)
def whole(stack: Stack) -> Iterator[None]:
    assert stack.healthy_within(), stack.hactl("status").out
    yield
    assert stack.healthy_within(), stack.hactl("status").out


def freeze(stack: Stack, nodes: tuple[str, ...], word: str) -> None:
    for node in nodes:
        assert stack.run("lab/freeze", node, word).code == 0, node


@contextmanager
def frozen(stack: Stack, *nodes: str) -> Iterator[None]:
    try:
        freeze(stack, nodes, "on")
        yield
    finally:
        freeze(stack, nodes, "off")


def table(stack: Stack, director: str) -> dict[str, int]:
    """Weights by real server's name."""
    lines = stack.ssh(director, TABLE).out.splitlines()
    found = {line.split()[0].partition(":")[0]: int(line.split()[1]) for line in lines if len(line.split()) == 2}
    return {name: found[address] for name, address in ADDRESSES.items() if address in found}


def waited(stack: Stack, wanted: dict[str, int]) -> float:
    """Seconds until both directors have the table."""
    began = time.monotonic()
    while (seen := [table(stack, director) for director in DIRECTORS]) != [wanted] * len(DIRECTORS):
        assert time.monotonic() - began < PATIENCE, seen
        time.sleep(0.1)
    return time.monotonic() - began


def since(stack: Stack, director: str) -> str:
    """A moment of a director's journal."""
    return stack.ssh(director, "date '+%Y-%m-%d %H:%M:%S'").out.strip()


def removed(stack: Stack, began: dict[str, str]) -> list[str]:
    """What keepalived took out of a table, or gave weight 0, since then."""
    grep = "grep -E 'Removing service|Changing weight from [1-9][0-9]* to 0|Lost quorum'"
    return [
        f"{director}: {line}"
        for director, moment in began.items()
        for line in stack.ssh(director, f"sudo journalctl -u keepalived --since '{moment}' | {grep}").out.splitlines()
        if line.strip()
    ]


def sessions(stack: Stack, count: int = 4) -> list[pymysql.connections.Connection]:
    return [session(stack) for _ in range(count)]


def answer(connection: pymysql.connections.Connection) -> float:
    """Seconds until it has answered. A node that is not Primary yet answers with an error: the session lives."""
    began = time.monotonic()
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 42")
                assert cursor.fetchone() == (42,)
            return time.monotonic() - began
        except pymysql.err.OperationalError as error:
            if error.args[0] != NOT_READY or time.monotonic() - began > PATIENCE:
                raise
            time.sleep(0.2)


@pytest.mark.parametrize("seconds", [2, 10])
def test_all_nodes_stand_still_and_no_session_is_lost(stack: Stack, measure: Measure, seconds: int) -> None:
    """Of the sessions that were there before, whatever was asked of them meanwhile."""
    began = {director: since(stack, director) for director in DIRECTORS}
    known = sessions(stack)
    took: list[float] = []
    with frozen(stack, *NODES):
        asking = [threading.Thread(target=lambda one=one: took.append(answer(one)), daemon=True) for one in known[:2]]  # type: ignore[misc]
        for thread in asking:
            thread.start()
        time.sleep(seconds)
    for thread in asking:
        thread.join(PATIENCE)
    assert len(took) == len(asking), "a session that was asked meanwhile has its answer"
    for one in known[2:]:
        answer(one)
    assert not [line for line in removed(stack, began) if "Removing service" in line]
    measure(
        f"{stack.name}: all nodes stand still for {seconds} s", f"longest answer {max(took):.1f} s, no session lost"
    )


def test_one_node_frozen_for_good_is_out_and_comes_back(stack: Stack, measure: Measure) -> None:
    with frozen(stack, "mdb2"):
        gone = waited(stack, {"mdb3": 1})
        answer(session(stack))
        time.sleep(5)
        assert table(stack, "ha1") == {"mdb3": 1}
    back = waited(stack, {"mdb2": 1, "mdb3": 1})
    measure(f"{stack.name}: one node frozen for good", f"out after {gone:.1f} s, back {back:.1f} s after the thaw")


def test_the_last_one_that_freezes_keeps_its_place(stack: Stack) -> None:
    known = sessions(stack, 2)
    with frozen(stack, "mdb2"):
        waited(stack, {"mdb3": 1})
        with frozen(stack, "mdb3"):
            time.sleep(10)
            assert [table(stack, director) for director in DIRECTORS] == [{"mdb3": 1}] * 2
    waited(stack, {"mdb2": 1, "mdb3": 1})
    for one in known:
        one.close()
    answer(session(stack))


def test_busy_cores_eject_nobody(stack: Stack, measure: Measure) -> None:
    """Both cores of every host, which are this machine's."""
    began = {director: since(stack, director) for director in DIRECTORS}
    busy = "sudo systemd-run --collect --unit=lab-busy-$n timeout 60 sh -c 'while :; do :; done'"
    hosts = (*DIRECTORS, *NODES)
    known = sessions(stack)
    for host in hosts:
        assert stack.ssh(host, f"for n in 1 2; do {busy}; done").code == 0, host
    took: list[float] = []
    end = time.monotonic() + 60
    while time.monotonic() < end:
        took += [answer(one) for one in known]
        time.sleep(0.5)
    for host in hosts:
        stack.ssh(host, "for n in 1 2; do sudo systemctl stop lab-busy-$n; done")
    assert not removed(stack, began)
    measure(
        f"{stack.name}: both cores of every host busy for a minute", f"longest answer {max(took):.1f} s, none ejected"
    )


@pytest.mark.parametrize("node", REAL_SERVERS)
def test_a_stopped_mariadb_leaves_at_once(stack: Stack, measure: Measure, node: str) -> None:
    """A plain no is not waited for."""
    stack.ssh(node, "sudo systemctl stop mariadb")
    try:
        left = next(name for name in REAL_SERVERS if name != node)
        gone = waited(stack, {left: 1})
    finally:
        assert stack.ssh(node, "sudo systemctl start mariadb", timeout=300).code == 0
    waited(stack, {"mdb2": 1, "mdb3": 1})
    measure(f"{stack.name}: MariaDB on {node} stopped", f"out of the tables {gone:.1f} s after systemctl's end")
