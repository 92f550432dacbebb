"""The faults that a drill makes, and their repair: each is an action on one host through SSH or its power switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ops.component import FaultKind, Scripted, Service
from ops.drill.power import Power
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell

#: Patience for an orderly stop, in seconds: InnoDB writes its dirty pages first.
STOP_PATIENCE = 600.0


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
        words = f"{host}: systemctl {verb} {unit} failed ({reason})"
        raise OpsError(words, f"journalctl -u {unit} on {host}", Exit.UNHEALTHY)


def _script(shell: Shell, host: str, words: str, script: str) -> None:
    answer = shell.run(host, script, timeout=STOP_PATIENCE)
    if not answer.good:
        reason = (answer.error or answer.out).strip() or f"code {answer.code}"
        raise OpsError(f"{host}: {words} failed ({reason})", f"look at {host}", Exit.UNHEALTHY)


def _repair(shell: Shell, host: str, power: Power, scripted: Scripted) -> None:
    """By its script; a host that was powered off is switched on: what was wrong with it did not outlive that."""
    if scripted.ends_in_power_off and not shell.run(host, "true").reached:
        power.restore(host)
        return
    _script(shell, host, scripted.by_hand, scripted.repair)


def make_fault(
    fault_kind: FaultKind,
    service: Service | None,
    host: str,
    shell: Shell,
    power: Power,
    scripted: Scripted | None = None,
) -> Fault:
    """The fault of this kind on this host. `service`: what it stops; None, or a kind that kills: it cuts the power.
    `scripted`: how it is made instead."""
    if scripted is not None:
        return Fault(
            words=scripted.words,
            by_hand=scripted.by_hand,
            inject=lambda: _script(shell, host, scripted.words, scripted.inject),
            repair=lambda: _repair(shell, host, power, scripted),
        )
    if fault_kind.kills or service is None:
        return Fault(
            words=f"power of {host} cut",
            by_hand=f"switch {host} on (virsh start)",
            inject=lambda: power.cut(host),
            repair=lambda: power.restore(host),
        )
    unit = service.unit
    return Fault(
        words=f"{unit} on {host} stopped",
        by_hand=f"systemctl start {unit} on {host}",
        inject=lambda: _systemctl(shell, host, "stop", unit),
        repair=lambda: _systemctl(shell, host, "start", unit),
    )
