"""Power of servers: a power controller that the other host of a pair asks (ipmitool(1)); where there is none, a reset
that the host makes itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ops.drill.armed import arm_script, undo_script
from ops.drill.switches import PATIENCE
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell


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
