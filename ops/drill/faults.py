"""The faults that a drill makes. Each is armed before it is made: its repair then comes by itself, on the host or at
its power switch, although nobody asks for it any more."""

from __future__ import annotations

from collections.abc import Callable

from ops.component import FaultKind, Scripted, Service
from ops.drill.armed import arm_script, undo_script
from ops.drill.power import Power
from ops.drill.switches import Switch
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell

#: Patience for an orderly stop, in seconds: InnoDB writes its dirty pages first.
STOP_PATIENCE = 600.0


class Fault:
    """One fault on one host: `arm`, then `make`, then `undo`. It cannot be made before its repair is armed.

    `undo` may be called at any time, and twice: it repairs, then takes back what was armed.
    """

    def __init__(
        self,
        *,
        words: str,
        by_hand: str,
        arm: Callable[[], None],
        make: Callable[[], None],
        undo: Callable[[], None],
    ) -> None:
        self.words = words
        self.by_hand = by_hand
        self._arm, self._make, self._undo = arm, make, undo
        self._begun = self._armed = False

    def arm(self) -> None:
        """The repair is on its way from now on.

        Raises:
            OpsError: it is not; the fault must not be made.
        """
        self._begun = True
        self._arm()
        self._armed = True

    def make(self) -> None:
        """The fault itself.

        Raises:
            RuntimeError: nothing is armed.
            OpsError: it could not be made.
        """
        if not self._armed:
            raise RuntimeError(f"{self.words}: its repair is not armed")
        self._make()

    def undo(self) -> None:
        """The repair, now.

        Raises:
            OpsError: it failed; what is armed stays so.
        """
        if self._begun:
            self._undo()


def _run(shell: Shell, host: str, words: str, script: str) -> None:
    answer = shell.run(host, script, timeout=STOP_PATIENCE)
    if not answer.good:
        reason = (answer.error or answer.out).strip() or f"code {answer.code}"
        raise OpsError(f"{host}: {words} failed ({reason})", f"look at {host}", Exit.UNHEALTHY)


def _gist(script: str) -> str:
    return script.splitlines()[0]


def _stops(service: Service, host: str) -> Scripted:
    """An orderly stop. A start that comes while the unit still stops would end the stop: the armed one waits."""
    unit = service.unit
    still = f'[ "$(systemctl show --property=ActiveState --value {unit})" = deactivating ]'
    # Without --no-block a start would wait for a whole state transfer; the drill watches the state instead.
    start = f"systemctl start --no-block {unit}"
    return Scripted(
        words=f"{unit} on {host} stopped",
        by_hand=f"systemctl start {unit} on {host}",
        make=f"systemctl stop {unit}",
        undo=start,
        armed=f"while {still}; do sleep 1; done\n{start}",
    )


def _by_script(scripted: Scripted, host: str, shell: Shell, power: Power, seconds: float) -> Fault:
    # A host that others power off meanwhile loses what is armed on it; what was wrong with it does not outlive that.
    switch = power.switch(host) if scripted.ends_in_power_off else None

    def arm() -> None:
        if switch:
            switch.arm(seconds)
        _run(shell, host, "arming the repair", arm_script(scripted.armed or scripted.undo, seconds))

    def undo() -> None:
        if switch and not shell.run(host, "true").reached:
            if not switch.gives_back:
                words = f"{host} was powered off meanwhile, and nobody can switch it on from here"
                raise OpsError(words, f"switch {host} on", Exit.UNHEALTHY)
            switch.restore()
        else:
            _run(shell, host, _gist(scripted.undo), undo_script(scripted.undo))
        if switch:
            switch.disarm()

    return Fault(
        words=scripted.words,
        by_hand=scripted.by_hand,
        arm=arm,
        make=lambda: _run(shell, host, _gist(scripted.make), scripted.make),
        undo=undo,
    )


def _by_power(switch: Switch, seconds: float) -> Fault:
    def undo() -> None:
        switch.restore()
        switch.disarm()

    return Fault(
        words=switch.words, by_hand=switch.by_hand, arm=lambda: switch.arm(seconds), make=switch.cut, undo=undo
    )


def make_fault(
    fault_kind: FaultKind,
    service: Service | None,
    host: str,
    shell: Shell,
    power: Power,
    scripted: Scripted | None = None,
    *,
    seconds: float,
) -> Fault:
    """The fault of this kind on this host, whose armed repair comes after `seconds`.

    `service`: what it stops; None, or a kind that kills: it cuts the power. `scripted`: how it is made instead.
    """
    if scripted is None and service is not None and not fault_kind.kills:
        scripted = _stops(service, host)
    if scripted is None:
        return _by_power(power.switch(host), seconds)
    return _by_script(scripted, host, shell, power, seconds)
