"""What the tests of the pair ask of it."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.lab.stacks import Stack

VIP = "172.16.21.219"
HOSTS = ("nod1", "nod2")
PATIENCE = 900.0


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    return stack.status()


def serving(stack: Stack) -> list[str]:
    """Hosts that have the device mounted, with MariaDB on it."""
    ask = "mountpoint -q /var/lib/mysql && systemctl is-active -q mariadb && echo yes || true"
    return [host for host in HOSTS if "yes" in stack.ssh(host, ask).out]


def other(host: str) -> str:
    """The one beside it."""
    return next(each for each in HOSTS if each != host)


def wait_for(stack: Stack, words: str) -> dict[str, Any]:
    """Asks `hactl status` until it says so."""
    deadline = time.monotonic() + PATIENCE
    while words not in json.dumps(found := said(stack)) and time.monotonic() < deadline:
        time.sleep(2)
    assert words in json.dumps(found), json.dumps(found["problems"], indent=1)
    return found
