"""What the tests of the pair ask its two servers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.lab.stacks import Stack

VIP = "172.16.21.50"
HOSTS = ("db1", "db2")
#: A bound for a slow day, in seconds; no promise.
PATIENCE = 300.0


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    return stack.status()


def within(ask: Callable[[], object], *, what: str, seconds: float = PATIENCE) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(1)


def writers(stack: Stack) -> list[str]:
    """Servers that take writes."""
    return [host for host in HOSTS if stack.sql(host, "SELECT @@read_only").strip() == "0"]


def pair(stack: Stack) -> tuple[str, str]:
    """The server that takes writes, and the other one; waits until there is exactly one."""
    within(lambda: len(writers(stack)) == 1, what="exactly one server takes writes")
    (writer,) = writers(stack)
    return writer, "db2" if writer == "db1" else "db1"


def diverge(stack: Stack, writer: str, standby: str, *, only: str, after: str) -> None:
    """Two histories: `only` is what the stand-by alone has, `after` what the writer does then. Nobody sends anybody
    anything until both have theirs."""
    for host in HOSTS:
        stack.sql(host, "STOP SLAVE IO_THREAD")
    stack.sql(standby, only)
    stack.sql(writer, after)
    for host in HOSTS:
        stack.sql(host, "START SLAVE IO_THREAD")
    within(lambda: "lacks others" in json.dumps(said(stack)), what=f"{standby} is said to have a history of its own")
