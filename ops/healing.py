"""Waiting until a stack is whole again, as quietly as can be: asking five emulated guests for everything slows the very writes
that are being measured. First only the struck host is asked, then there is a pause for the others to notice, then one full look."""

from __future__ import annotations

import socket
from collections.abc import Callable

from ops import status
from ops.faults import Kind
from ops.inventory import HostEntry, Inventory
from ops.judge_directors import holders, preferred
from ops.shell import Shell

#: Pauses after the struck host is up again, in seconds, before the first full look: for VRRP beyond preempt_delay, for health checks.
VRRP_MARGIN, LVS_MARGIN = 2.0, 5.0


def up_again(entry: HostEntry, agent_port: int) -> str:
    """A script, light for the host, that ends with 0 when the host's service runs again."""
    if entry.has("director"):
        return "systemctl is-active --quiet keepalived"
    ask = f"exec 3<>/dev/tcp/{entry.address}/{agent_port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3"
    return f"{{ {ask}; }} 2>/dev/null && read -r -t 4 _ code _ <&3 && [ \"$code\" = 200 ]"


class Healing:
    """Watches one struck host, then the stack. Each `step` gives what is still awaited, in words; empty when all is well."""

    def __init__(self, *, inventory: Inventory, shell: Shell, kind: Kind, target: str, answers: Callable[[str], bool]) -> None:
        self.inventory = inventory
        self.shell = shell
        self.kind = kind
        self.target = target
        self.answers = answers
        self._up = False

    def pause(self) -> float:
        """Seconds that the others need to notice that the host is back."""
        if self.kind.role != "director":
            return LVS_MARGIN
        delay = self.inventory.vrrp.preempt_delay_s if self.inventory.vrrp and preferred(self.inventory) == self.target else 0.0
        return delay + VRRP_MARGIN

    def up(self) -> str:
        """What the struck host itself still lacks; empty once it is up, without asking it again."""
        if self._up:
            return ""
        if not self.answers(self.target):
            return f"{self.target} does not answer SSH yet"
        entry = self.inventory.hosts[self.target]
        port = self.inventory.galera.agent_port if self.inventory.galera else 9200
        if not self.shell.run(self.target, up_again(entry, port)).good:
            return f"the service on {self.target} is not up yet"
        self._up = True
        return ""

    def wrong(self) -> str:
        """A full look: the first reason why the stack is not yet whole, failback included."""
        looked = status.look(self.inventory, self.shell)
        for problem in looked.wrong():
            return f"{problem.host}: {problem.figure}"
        first = preferred(self.inventory)
        for vip in self.inventory.vips:
            held = holders(self.inventory, looked.facts, vip)
            if first and held != [first]:
                return f"{first} has not taken the VIP {vip} back from {held[0]} yet"
        return ""


def answers_ssh(entry: HostEntry) -> bool:
    """One TCP connection: cheaper than SSH while a guest boots on a busy machine."""
    try:
        with socket.create_connection((entry.address, entry.ssh_port), timeout=2):
            return True
    except OSError:
        return False
