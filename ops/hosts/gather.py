"""Asks all hosts at once for their state: one small program (cloudinit/programs/host-facts), by one SSH session."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

from ops.component import Component
from ops.hosts.answer import host_facts
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Shell, on_all
from ops.inventory import Inventory

#: Delivered to every host with its base files; each role adds its own part.
PROGRAM = "/usr/local/lib/mariadb-ha/host-facts"
ASK = f"exec {PROGRAM} </dev/null\n"
#: Longest wait for a reachable host that is slow to answer, in seconds. One that cannot be reached is known sooner
#: (`patient`).
PATIENCE = 180.0
#: A shell's codes for a program that does not exist, or cannot be started.
NOT_FOUND, NOT_EXECUTABLE = 127, 126


def gather_host(
    components: Mapping[str, Component], shell: Shell, host: str, *, patience: float = PATIENCE
) -> HostFacts:
    """The facts of one host. A silent host is a fact too."""
    sent = time.time()
    answer = shell.run(host, ASK, timeout=patience)
    if not answer.reached:
        return HostFacts(host=host, reached=False, unknown=answer.slow, error=answer.error)
    if answer.code in (NOT_FOUND, NOT_EXECUTABLE):
        error = f"{PROGRAM} is not there yet: run `make up` (`pulumi up`) again"
        return HostFacts(host=host, reached=False, unknown=True, error=error)
    mine = [component for component in components.values() if host in component.entry.hosts]
    return host_facts(host, mine, answer.out or answer.error, sent=sent, received=time.time())


def gather(
    inventory: Inventory, components: Mapping[str, Component], shell: Shell, *, patience: float = PATIENCE
) -> dict[str, HostFacts]:
    """The facts of every host, by name."""
    return on_all(list(inventory.hosts), partial(gather_host, components, shell, patience=patience))
