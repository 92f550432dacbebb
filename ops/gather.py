"""Asks all hosts at once for their state."""

from __future__ import annotations

import time
from functools import partial

from ops.facts import HostFacts
from ops.inventory import Inventory
from ops.parsers import parse_host
from ops.probe import MISSING, SCRIPT, complaint, said
from ops.shell import Shell, on_all

#: Bound of the patience with one host's whole answer, in seconds, while it takes TCP connections; one that does not is known much sooner.
PATIENCE = 60.0


def gather_host(inventory: Inventory, shell: Shell, host: str, *, patience: float = PATIENCE) -> HostFacts:
    """The facts of one host. A silent host is a fact too."""
    sent = time.time()
    answer = shell.run(host, SCRIPT, timeout=patience)
    if not answer.reached:
        return HostFacts(host=host, reached=False, silence="slow" if answer.slow else "unreachable", error=answer.error)
    if answer.code == MISSING:
        return HostFacts(host=host, reached=False, silence="bare", error="host-facts is not there")
    data = said(answer)
    if data is None:
        return HostFacts(host=host, reached=False, silence="mute", error=complaint(answer))
    return parse_host(host, inventory.hosts[host], data, sent=sent, received=time.time())


def gather(inventory: Inventory, shell: Shell, *, patience: float = PATIENCE) -> dict[str, HostFacts]:
    """The facts of every host, by name."""
    return on_all(list(inventory.hosts), partial(gather_host, inventory, shell, patience=patience))
