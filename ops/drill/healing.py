"""Waiting until a stack is whole again, as quietly as can be: asking five emulated guests for everything slows the very
writes that are being measured. First only the struck host is asked, then there is a pause for the others to notice,
then one full look."""

from __future__ import annotations

import socket
from collections.abc import Callable

from ops.component import Component, FaultKind
from ops.hosts.shell import Shell
from ops.inventory import HostEntry
from ops.status import look


class Healing:
    """Watches one struck host, then the stack. `up` and `wrong` give what is still awaited, in words; empty when all is
    well."""

    def __init__(
        self, *, component: Component, shell: Shell, fault_kind: FaultKind, target: str, answers: Callable[[str], bool]
    ) -> None:
        self.component = component
        self.shell = shell
        self.fault_kind = fault_kind
        self.target = target
        self.answers = answers
        self._up = False

    def pause(self) -> float:
        """Seconds that the others need to notice that the host is back."""
        return self.component.pause(self.fault_kind, self.target)

    def up(self) -> str:
        """What the struck host itself still lacks; empty once it is up, without asking it again."""
        if self._up:
            return ""
        if not self.answers(self.target):
            return f"{self.target} does not answer SSH yet"
        if not self.shell.run(self.target, self.component.up_script(self.target)).good:
            return f"the service on {self.target} is not up yet"
        self._up = True
        return ""

    def wrong(self) -> str:
        """A full look: the first reason why the stack is not yet whole, failback included."""
        looked = look.look(self.component.inventory, self.shell)
        for finding in looked.findings:
            if finding.severity != "warning":
                return f"{finding.host}: {finding.what}"
        reasons = (component.not_healed(looked.facts) for component in looked.components.values())
        return next((words for words in reasons if words), "")


def answers_ssh(entry: HostEntry) -> bool:
    """One TCP connection: cheaper than SSH while a guest boots on a busy machine."""
    try:
        with socket.create_connection((entry.address, entry.ssh_port), timeout=5):
            return True
    except OSError:
        return False
