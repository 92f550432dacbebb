"""Ways to take a host's power and to give it back: libvirt (virsh(1)), a command of the stack's access, a power
controller that the other host asks (ipmitool(1)); and, where there is none, a reset that the host makes itself."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from ops.drill.armed import arm_script, undo_script
from ops.drill.here import Later
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell
from ops.paths import ROOT

#: Patience for libvirt, and for a power controller, in seconds.
PATIENCE = 300.0


class Switch(Protocol):
    """One host's power. `words`: what `cut` does, as a fault's name."""

    gives_back: ClassVar[bool] = True
    """False where the power of a host that is off cannot be given back from here."""

    @property
    def words(self) -> str:
        """What `cut` does, as a fault is called."""

    @property
    def by_hand(self) -> str:
        """What a person does in the repair's place."""

    def check(self) -> None:
        """Raises OpsError when the host's power cannot be switched from here. Touches nothing."""

    def arm(self, seconds: float) -> None:
        """Has the power come back by itself after so many seconds, whatever becomes of this process."""

    def cut(self) -> None:
        """Off at once, without a word to the host. Nothing to do when it is off."""

    def restore(self) -> None:
        """On. Nothing to do when it is on."""

    def disarm(self) -> None:
        """Takes back what was armed."""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain of the stack's hypervisor. What is armed waits on this machine: over a libvirt URI nothing can wait at
    the hypervisor."""

    gives_back: ClassVar[bool] = True
    host: str
    domain: str
    uri: str
    later: Later = field(default_factory=Later)

    @property
    def words(self) -> str:
        """See `Switch.words`."""
        return f"power of {self.host} cut"

    @property
    def by_hand(self) -> str:
        """See `Switch.by_hand`."""
        return f"switch {self.host} on (virsh start)"

    def _virsh(self, *words: str) -> str:
        command = ["virsh", "-q", "-c", self.uri, words[0], self.domain, *words[1:]]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=PATIENCE, check=False, start_new_session=True
            )
        except FileNotFoundError:
            raise OpsError(
                "virsh is not installed", "install libvirt-clients, or drill an orderly stop instead", Exit.REFUSED
            ) from None
        except subprocess.TimeoutExpired:
            raise OpsError(
                f"libvirt at {self.uri} did not answer in {PATIENCE:.0f} s", "see that libvirtd runs", Exit.UNREACHABLE
            ) from None
        if done.returncode:
            raise OpsError(
                f"virsh {words[0]} {self.domain}: {done.stderr.strip()}",
                f"see that {self.uri} answers and has this domain",
                Exit.UNREACHABLE,
            )
        return done.stdout.strip()

    def check(self) -> None:
        """See `Switch.check`."""
        self._virsh("domstate")

    def arm(self, seconds: float) -> None:
        """See `Switch.arm`."""
        virsh = shlex.join(["virsh", "-q", "-c", self.uri])
        domain = shlex.quote(self.domain)
        on = f'[ "$({virsh} domstate {domain})" = running ] || {virsh} start {domain}'
        self.later.arm(["sh", "-c", on], seconds)

    def cut(self) -> None:
        """See `Switch.cut`."""
        if self._virsh("domstate") != "shut off":
            self._virsh("destroy")

    def restore(self) -> None:
        """See `Switch.restore`."""
        if self._virsh("domstate") == "shut off":
            self._virsh("start")

    def disarm(self) -> None:
        """See `Switch.disarm`."""
        self.later.disarm()


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command that takes a host's name and `off` or `on`. What is armed waits on this machine."""

    gives_back: ClassVar[bool] = True
    host: str
    command: Sequence[str]
    later: Later = field(default_factory=Later)

    @property
    def words(self) -> str:
        """See `Switch.words`."""
        return f"power of {self.host} cut"

    @property
    def by_hand(self) -> str:
        """See `Switch.by_hand`."""
        return f"switch {self.host} on ({shlex.join([*self.command, self.host, 'on'])})"

    def _say(self, word: str) -> None:
        done = subprocess.run(
            [*self.command, self.host, word],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            cwd=ROOT,
            start_new_session=True,
        )
        if done.returncode:
            words = f"`{shlex.join([*self.command, self.host, word])}` ended with {done.returncode}"
            raise OpsError(f"{words}: {done.stderr.strip()}", "see that this command works here", Exit.UNREACHABLE)

    def check(self) -> None:
        """See `Switch.check`: a command without a question is believed."""

    def arm(self, seconds: float) -> None:
        """See `Switch.arm`."""
        on = f"cd {shlex.quote(str(ROOT))} && exec {shlex.join([*self.command, self.host, 'on'])}"
        self.later.arm(["sh", "-c", on], seconds)

    def cut(self) -> None:
        """See `Switch.cut`."""
        self._say("off")

    def restore(self) -> None:
        """See `Switch.restore`."""
        self._say("on")

    def disarm(self) -> None:
        """See `Switch.disarm`."""
        self.later.disarm()


def _run(shell: Shell, host: str, words: str, script: str) -> None:
    answer = shell.run(host, script, timeout=PATIENCE)
    if not answer.good:
        reason = (answer.error or answer.out).strip() or f"code {answer.code}"
        raise OpsError(f"{host}: {words} failed ({reason})", f"look at {host}", Exit.UNREACHABLE)


#: The program on a host of a pair that switches the other one's power (docs/fencing.md).
FENCE = "/usr/local/lib/mariadb-ha/fence"


@dataclass(frozen=True, kw_only=True)
class Controller:
    """The power controller of a server (IPMI), asked by the other host of the pair, which has its password. What is
    armed waits on that host."""

    gives_back: ClassVar[bool] = True
    host: str
    asked_by: str
    shell: Shell

    @property
    def words(self) -> str:
        """See `Switch.words`."""
        return f"power of {self.host} cut (by its power controller, which {self.asked_by} asks)"

    @property
    def by_hand(self) -> str:
        """See `Switch.by_hand`."""
        return f"`{FENCE} on {self.host}` on {self.asked_by}"

    def check(self) -> None:
        """See `Switch.check`."""
        _run(self.shell, self.asked_by, f"asking for the power of {self.host}", f"{FENCE} status {self.host}")

    def arm(self, seconds: float) -> None:
        """See `Switch.arm`."""
        script = arm_script(f"until {FENCE} on {self.host}; do sleep 10; done", seconds)
        _run(self.shell, self.asked_by, "arming the repair", script)

    def cut(self) -> None:
        """See `Switch.cut`."""
        _run(self.shell, self.asked_by, self.words, f"{FENCE} off {self.host}")

    def restore(self) -> None:
        """See `Switch.restore`."""
        _run(self.shell, self.asked_by, self.by_hand, undo_script(f"{FENCE} on {self.host}"))

    def disarm(self) -> None:
        """See `Switch.disarm`: done with `restore`."""


#: A container's kernel is its machine's, which must not be reset for it.
_MAY = """fail() { echo "$1" >&2; exit 1; }
! systemd-detect-virt --quiet --container || fail "a container has no kernel of its own to reset"
[ -w /proc/sysrq-trigger ] || fail "/proc/sysrq-trigger cannot be written: no sysrq in this kernel"
"""
#: The answer must leave before the host does; nothing is synced or unmounted (kernel.org, sysrq: b).
_RESET = """echo 1 >/proc/sys/kernel/sysrq
setsid sh -c 'sleep 0.2; echo b >/proc/sysrq-trigger' >/dev/null 2>&1 </dev/null &
"""


@dataclass(frozen=True, kw_only=True)
class Reset:
    """A host that resets itself at once, where nobody can take its power. It boots again by itself: nothing has to be
    armed."""

    gives_back: ClassVar[bool] = False
    host: str
    shell: Shell

    @property
    def words(self) -> str:
        """See `Switch.words`."""
        return (
            f"{self.host} reset by itself (sysrq): a reset, not a power cut: it boots again at once, and what its disks"
            " had in their caches is not lost"
        )

    @property
    def by_hand(self) -> str:
        """See `Switch.by_hand`."""
        return f"nothing: {self.host} boots by itself; where it does not, its console says why"

    def check(self) -> None:
        """See `Switch.check`."""
        answer = self.shell.run(self.host, _MAY)
        if not answer.good:
            raise OpsError(
                f"the power of {self.host} cannot be switched: it is no libvirt domain of this stack, no power"
                f" controller of it is set, and it cannot reset itself ({(answer.error or answer.out).strip()})",
                "set `fencing` with agent `ipmi` where the kind has it, or drill an orderly stop instead",
                Exit.REFUSED,
            )

    def arm(self, seconds: float) -> None:
        """See `Switch.arm`: the reset is its own repair."""

    def cut(self) -> None:
        """See `Switch.cut`."""
        _run(self.shell, self.host, self.words, _MAY + _RESET)

    def restore(self) -> None:
        """See `Switch.restore`: it boots by itself."""

    def disarm(self) -> None:
        """See `Switch.disarm`."""
