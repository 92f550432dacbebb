"""What a drill looks at before it touches anything, and the reasons for which it refuses."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence

from ops import status
from ops.errors import Exit, OpsError
from ops.facts import HostFacts
from ops.faults import Kind
from ops.inventory import Endpoint, Inventory
from ops.power import Power
from ops.shell import Shell


def writer(inventory: Inventory) -> Endpoint:
    """Where drills write.

    Raises:
        OpsError: the stack has no VIP.
    """
    if inventory.writer is None:
        raise OpsError(f"stack {inventory.stack} has no VIP that a drill could write through", "drill a stack with directors", Exit.REFUSED)
    return inventory.writer


def check_fault(inventory: Inventory, power: Power, kind: Kind, target: str | None) -> None:
    """Refuses a fault that cannot be made, or that nothing would survive.

    Raises:
        OpsError: an unknown target, too few hosts, no power switch, a client address that this machine does not have.
    """
    candidates = list(inventory.with_role(kind.role))
    if target is not None and target not in candidates:
        known = ", ".join(candidates) or "no host of this stack"
        raise OpsError(f"--target {target}: {kind} strikes one of {known}", "name one of these, or none to let hactl choose", Exit.REFUSED)
    if len(candidates) < 2:
        has = f"this stack has {len(candidates)}"
        raise OpsError(f"{kind} needs two hosts with the role {kind.role}; {has}", "choose another drill", Exit.REFUSED)
    check_addresses(inventory.access.client_addresses)
    if kind.kills:
        for host in [target] if target else candidates:
            power.check(host)


def check_addresses(addresses: Sequence[str]) -> None:
    """Refuses client addresses that no interface of this machine has.

    Raises:
        OpsError: one that cannot be used, by name.
    """
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((address, 0))
            except OSError as error:
                raise OpsError(
                    f"client address {address} cannot be used here ({error.strerror})",
                    "run `make up` again: it puts the lab's client addresses in place; elsewhere correct access.json's client_addresses",
                    Exit.REFUSED,
                ) from None


def check_health(inventory: Inventory, shell: Shell, *, patience: float = 0.0, pause: float = 5.0) -> Mapping[str, HostFacts]:
    """The stack's facts, when all is well. An unhealthy stack is looked at again every `pause` seconds until `patience` is over.

    Raises:
        OpsError: what is wrong, each in a line.
    """
    end = time.monotonic() + patience
    looked = status.look(inventory, shell)
    while not looked.healthy and time.monotonic() < end:
        time.sleep(pause)
        looked = status.look(inventory, shell)
    wrong = "\n".join(f"  {problem.line()}" for problem in looked.wrong())
    if looked.code is Exit.UNKNOWN:
        raise OpsError(
            f"the status of stack {inventory.stack} could not be had, so nobody can tell whether a drill would do damage; nothing was touched:\n{wrong}",
            "run this again when these hosts answer",
            Exit.UNKNOWN,
        )
    if not looked.reached:
        raise OpsError(f"no host of stack {inventory.stack} answers", "see that the stack is up and can be reached from here", Exit.UNREACHABLE)
    if not looked.healthy:
        raise OpsError(f"the stack is not healthy, so a drill would do damage; nothing was touched:\n{wrong}", "mend this first", Exit.REFUSED)
    return looked.facts
