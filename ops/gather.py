"""Asks all hosts at once for their state."""

from __future__ import annotations

import time
from functools import partial

from ops.facts import HostFacts
from ops.inventory import Inventory
from ops.parsers import parse_host
from ops.probe import ASK, PROGRAM
from ops.shell import Shell, on_all

#: Longest wait for a host that is there and slow to answer, in seconds. One that is not there is known sooner (`patient`).
PATIENCE = 180.0
#: A shell's codes for a program that is not there, or cannot be started.
NOT_FOUND, NOT_EXECUTABLE = 127, 126


def gather_host(inventory: Inventory, shell: Shell, host: str, *, patience: float = PATIENCE) -> HostFacts:
    """The facts of one host. A silent host is a fact too."""
    entry = inventory.hosts[host]
    sent = time.time()
    answer = shell.run(host, ASK, timeout=patience)
    if not answer.reached:
        return HostFacts(host=host, reached=False, unknown=answer.slow, error=answer.error)
    if answer.code in (NOT_FOUND, NOT_EXECUTABLE):
        return HostFacts(host=host, reached=False, unknown=True, error=f"{PROGRAM} is not there yet: run `make up` (`pulumi up`) again")
    return parse_host(host, entry, answer.out or answer.error, sent=sent, received=time.time())


def gather(inventory: Inventory, shell: Shell, *, patience: float = PATIENCE) -> dict[str, HostFacts]:
    """The facts of every host, by name."""
    return on_all(list(inventory.hosts), partial(gather_host, inventory, shell, patience=patience))
