"""What the tests of the pair ask its two servers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.lab.stacks import Stack

VIP = "172.16.21.50"
HOSTS = ("db1", "db2")
#: A bound for a slow day, in seconds; no promise.
PATIENCE = 300.0
#: Stands in for the lab's power switch, which no container reaches: it says that the other host is off once a file says
#: so. The agents have tests of their own (tests/programs/promoter/test_fence.py).
FENCE = "/usr/local/sbin/lab-fence"
#: No shorter than the agent may take, with all that comes before it (master_master's rule takeover_before_timeout).
WAITS = {"rpl_semi_sync_master_timeout": 15_000}
FENCE_SCRIPT = """#!/bin/sh
echo "$*" >>/run/fenced
[ -e /run/the-other-host-is-off ]
"""


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    return stack.status()


def within(ask: Callable[[], object], *, what: str, seconds: float = PATIENCE) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(1)


def stays(ask: Callable[[], object], *, what: str, seconds: float) -> None:
    """Watches for so long that it is so all the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert ask(), f"no longer so: {what}"
        time.sleep(0.5)


def mark(stack: Stack, host: str) -> str:
    """A place in the host's journal: now, by the host's clock."""
    return stack.ssh(host, "date +@%s.%6N").out.strip()


def transitions(stack: Stack, host: str, since: str) -> list[str]:
    """The VRRP states that keepalived has entered since a mark, first to last."""
    lines = stack.ssh(host, f"sudo journalctl --unit keepalived --output cat --no-pager --since {since}").out
    return re.findall(r"Entering (MASTER|BACKUP|FAULT) STATE", lines)


def writers(stack: Stack) -> list[str]:
    """Servers that take writes."""
    return [host for host in HOSTS if stack.sql(host, "SELECT @@read_only").strip() == "0"]


def pair(stack: Stack) -> tuple[str, str]:
    """The server that takes writes, and the other one; waits until there is exactly one."""
    found: list[str] = []

    def one() -> bool:
        found[:] = writers(stack)
        return len(found) == 1

    within(one, what="exactly one server takes writes")
    (writer,) = found
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


@contextmanager
def fencing(stack: Stack, **more: Any) -> Iterator[Stack]:
    """The pair with fencing on, and with `more` of its section's settings; its stack file is put back at the end."""
    before = stack.file.read_text()
    for host in HOSTS:
        done = stack.ssh(host, f"sudo tee {FENCE} >/dev/null && sudo chmod 755 {FENCE}", stdin=FENCE_SCRIPT)
        assert done.code == 0, done.out
    try:
        # the script takes no time; where it fails a person decides when the writer's power goes
        stack.set_settings("master_master", fencing={"command": FENCE, "timeout": 10}, **{"semi_sync": WAITS, **more})
        up = stack.make("up")
        assert up.code == 0, up.out[-3000:]
        yield stack
    finally:
        stack.file.write_text(before)


def is_fencing(stack: Stack, standby: str, writer: str) -> None:
    """Waits until the stand-by asks for the writer's power to be cut, and for nobody else's."""
    within(lambda: stack.ssh(standby, "grep -c off /run/fenced").code == 0, what="the other host is being fenced")
    words = stack.ssh(standby, "cat /run/fenced").out
    assert set(words.splitlines()) == {f"off {writer}"}, words
