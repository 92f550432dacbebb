"""The faults that a drill injects, and how each is repaired. A stop is orderly, a kill is a power cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ops.errors import Exit, OpsError
from ops.power import Power
from ops.shell import Shell

#: Patience for an orderly stop, in seconds: InnoDB writes its dirty pages first.
STOP_PATIENCE = 600.0


class Kind(StrEnum):
    """Name of a drill."""

    DIRECTOR_STOP = "director-stop"
    DIRECTOR_KILL = "director-kill"
    REALSERVER_STOP = "realserver-stop"
    REALSERVER_KILL = "realserver-kill"

    @property
    def role(self) -> str:
        """The role of the host that it strikes."""
        return self.value.partition("-")[0]

    @property
    def kills(self) -> bool:
        """True for a power cut."""
        return self.value.endswith("-kill")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault on one host. Both actions look first and may be done twice."""

    words: str
    by_hand: str
    inject: Callable[[], None]
    repair: Callable[[], None]


def _systemctl(shell: Shell, host: str, verb: str, unit: str) -> None:
    # Without --no-block a start would wait for a whole state transfer; the drill watches the state instead.
    option = "--no-block " if verb == "start" else ""
    answer = shell.run(host, f"systemctl {verb} {option}{unit}", timeout=STOP_PATIENCE)
    if not answer.good:
        reason = answer.error.strip() or f"code {answer.code}"
        raise OpsError(f"{host}: systemctl {verb} {unit} failed ({reason})", f"journalctl -u {unit} on {host}", Exit.UNHEALTHY)


def make_fault(kind: Kind, host: str, shell: Shell, power: Power) -> Fault:
    """The fault of this kind on this host."""
    if kind.kills:
        return Fault(
            words=f"power of {host} cut",
            by_hand=f"switch {host} on (virsh start)",
            inject=lambda: power.cut(host),
            repair=lambda: power.restore(host),
        )
    unit = "keepalived" if kind.role == "director" else "mariadb"
    return Fault(
        words=f"{unit} on {host} stopped",
        by_hand=f"systemctl start {unit} on {host}",
        inject=lambda: _systemctl(shell, host, "stop", unit),
        repair=lambda: _systemctl(shell, host, "start", unit),
    )
