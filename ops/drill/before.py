"""What a drill looks at before it touches anything, and the reasons for which it refuses."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ops.component import Component, FaultKind
from ops.components import components_of
from ops.drill.power import Power
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Shell
from ops.inventory import Inventory
from ops.ledger.addresses import check_addresses
from ops.status import look


def struck_component(inventory: Inventory, fault_kind: FaultKind, target: str | None) -> Component:
    """The component that has the target, or the only one that knows the fault.

    Raises:
        OpsError: an unknown target, or several components and no target.
    """
    able = [component for component in components_of(inventory).values() if fault_kind in component.faults]
    hosts = [host for component in able for host in component.targets(fault_kind)]
    if target is not None and target not in hosts:
        known = ", ".join(hosts) or "no host of this stack"
        words = f"--target {target}: {fault_kind} strikes one of {known}"
        raise OpsError(words, "name one of these, or none to let hactl choose", Exit.REFUSED)
    if not able:
        words = f"{fault_kind} needs two hosts with the role {fault_kind.role}; this stack has 0"
        raise OpsError(words, "choose another drill", Exit.REFUSED)
    if target is None and len(able) > 1:
        words = f"{fault_kind} could strike {' or '.join(component.name for component in able)}"
        raise OpsError(words, f"name a host with --target: {', '.join(hosts)}", Exit.REFUSED)
    return next(component for component in able if target is None or target in component.targets(fault_kind))


def check_fault(component: Component, power: Power, fault_kind: FaultKind, target: str | None) -> None:
    """Refuses a fault that cannot be made, or that nothing would survive.

    Raises:
        OpsError: too few hosts, no power switch, a client address that this machine does not have.
    """
    candidates = component.targets(fault_kind)
    if len(candidates) < fault_kind.least:
        needed = "two hosts" if fault_kind.least == 2 else "a host"
        words = f"{fault_kind} needs {needed} with the role {fault_kind.role}; this stack has {len(candidates)}"
        raise OpsError(words, "choose another drill", Exit.REFUSED)
    check_addresses(component.inventory.access.client_addresses)
    if fault_kind.kills:
        for host in [target] if target else candidates:
            power.switch(host).check()


def check_health(
    inventory: Inventory, shell: Shell, *, patience: float = 0.0, pause: float = 5.0
) -> Mapping[str, HostFacts]:
    """The stack's facts, when all is well. An unhealthy stack is looked at again every `pause` seconds until `patience`
    is over.

    Raises:
        OpsError: what is wrong, each in a line.
    """
    end = time.monotonic() + patience
    looked = look.look(inventory, shell)
    while not looked.healthy and time.monotonic() < end:
        time.sleep(pause)
        looked = look.look(inventory, shell)
    if looked.unknown:
        missing = "\n".join(f"  {finding.line()}" for finding in looked.findings if finding.severity == "unknown")
        raise OpsError(
            f"the state of the whole stack could not be had, so no drill is begun; nothing was touched:\n{missing}",
            "ask again (`hactl status`) when these hosts answer; nothing that did answer is known to be wrong",
            Exit.UNKNOWN,
        )
    if not looked.reached:
        raise OpsError(
            f"no host of stack {inventory.stack} answers",
            "see that the stack is up and can be reached from here",
            Exit.UNREACHABLE,
        )
    if not looked.healthy:
        wrong = "\n".join(f"  {finding.line()}" for finding in looked.findings if finding.severity == "problem")
        raise OpsError(
            f"the stack is not healthy, so a drill would do damage; nothing was touched:\n{wrong}",
            "mend this first",
            Exit.REFUSED,
        )
    return looked.facts
