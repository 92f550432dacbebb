"""Asks all hosts at once for their state."""

from __future__ import annotations

import time
from functools import partial

from ops.facts import HostFacts
from ops.inventory import Inventory
from ops.parsers import parse_host
from ops.probe import probe_script
from ops.shell import Shell, on_all

#: Patience for one host's whole answer, in seconds; a busy emulated guest needs several.
PATIENCE = 20.0


def gather_host(inventory: Inventory, shell: Shell, host: str, *, patience: float = PATIENCE) -> HostFacts:
    """The facts of one host. A silent host is a fact too."""
    entry = inventory.hosts[host]
    sent = time.time()
    answer = shell.run(host, probe_script(inventory, entry), timeout=patience)
    if not answer.reached:
        return HostFacts(host=host, reached=False, error=answer.error)
    if not answer.out.strip():
        return HostFacts(host=host, reached=False, error=answer.error.strip() or f"the probe ended with code {answer.code} and said nothing")
    return parse_host(host, entry, answer.out, sent=sent, received=time.time())


def gather(inventory: Inventory, shell: Shell, *, patience: float = PATIENCE) -> dict[str, HostFacts]:
    """The facts of every host, by name."""
    return on_all(list(inventory.hosts), partial(gather_host, inventory, shell, patience=patience))
