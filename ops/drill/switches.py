"""Ways to take a host's power and to give it back: libvirt (virsh(1)), or a command of the
stack's access. Of servers: `servers.py`."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from ops.drill.here import Later
from ops.errors import Exit, OpsError
from ops.paths import ROOT

#: Patience for a switch, in seconds.
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
