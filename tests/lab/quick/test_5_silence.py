"""A session in which nothing is said: IPVS forgets it after `lvs_timeouts`, unless the server's keepalive comes in
between. Shown with short values.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pymysql
import pytest

from tests.lab.stacks import Stack

pytestmark = pytest.mark.matrix

DIRECTORS = ("ha1", "ha2")
REAL_SERVERS = ("mdb2", "mdb3")
#: Seconds after which IPVS forgets here.
MEMORY = 15


def session(stack: Stack) -> pymysql.connections.Connection:
    """A client's session through the VIP."""
    account = stack.outputs["databases"]["app"]["accounts"]["app"]
    return pymysql.connect(
        host="127.0.0.1",
        port=stack.port,
        user=account["username"],
        password=account["password"],
        connect_timeout=10,
        read_timeout=20,
    )


def keepalive(stack: Stack, time_s: int, interval_s: int) -> None:
    """For sessions opened from now on."""
    for node in REAL_SERVERS:
        stack.sql(node, f"SET GLOBAL tcp_keepalive_time={time_s}; SET GLOBAL tcp_keepalive_interval={interval_s}")


@pytest.fixture
def short(stack: Stack) -> Iterator[Stack]:
    """Directors that forget after MEMORY seconds, and servers that ask after a third of it only when told to."""
    for host in DIRECTORS:
        said = stack.ssh(host, "sudo ipvsadm -L --timeout").out
        assert "900 120" in said, "lvs_timeouts as they were delivered"
        assert stack.ssh(host, f"sudo ipvsadm --set {MEMORY} 0 0").code == 0
    try:
        yield stack
    finally:
        for host in DIRECTORS:
            stack.ssh(host, "sudo ipvsadm --set 900 120 0")
        keepalive(stack, 300, 30)


def test_the_servers_keepalive_keeps_a_silent_session_known(short: Stack) -> None:
    keepalive(short, 3600, 60)
    forgotten = session(short)
    keepalive(short, MEMORY // 3, MEMORY // 3)
    known = session(short)
    time.sleep(4 * MEMORY)
    with known.cursor() as cursor:
        cursor.execute("SELECT 42")
        assert cursor.fetchone() == (42,)
    with pytest.raises(pymysql.err.OperationalError), forgotten.cursor() as cursor:
        cursor.execute("SELECT 42")
