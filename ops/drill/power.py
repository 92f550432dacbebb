"""Power of a host: cutting it and switching it on, through libvirt (virsh(1)), or by the command that the stack's
access
names."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Protocol

from ops.components import fault_kinds
from ops.errors import Exit, OpsError
from ops.inventory import Inventory
from ops.paths import ROOT

#: Patience for libvirt, in seconds.
PATIENCE = 300.0


class Power(Protocol):
    """What a drill needs of a power switch."""

    def check(self, host: str) -> None:
        """Raises OpsError when the host's power cannot be switched from here."""

    def cut(self, host: str) -> None:
        """Off at once, without a word to the guest. Nothing to do when it is off."""

    def restore(self, host: str) -> None:
        """On. Nothing to do when it is on."""


@dataclass(frozen=True, kw_only=True)
class Libvirt:
    """Domains of the stack's hypervisor."""

    inventory: Inventory

    def _virsh(self, host: str, *words: str) -> str:
        hypervisor, domain = self.inventory.hypervisor, self.inventory.hosts[host].domain
        if self.inventory.hosts[host].provisioner != "libvirt" or hypervisor is None or domain is None:
            raise OpsError(
                f"the power of {host} cannot be switched: it is not a libvirt domain of this stack",
                "drill an orderly stop instead"
                f" ({', '.join(kind.name for kind in fault_kinds().values() if not kind.kills)})",
                Exit.REFUSED,
            )
        command = ["virsh", "-q", "-c", hypervisor.uri, words[0], domain, *words[1:]]
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
                f"libvirt at {hypervisor.uri} did not answer in {PATIENCE:.0f} s",
                "see that libvirtd runs",
                Exit.UNREACHABLE,
            ) from None
        if done.returncode:
            raise OpsError(
                f"virsh {words[0]} {domain}: {done.stderr.strip()}",
                f"see that {hypervisor.uri} answers and has this domain",
                Exit.UNREACHABLE,
            )
        return done.stdout.strip()

    def _command(self, host: str, word: str) -> bool:
        """Switches a host that is no domain, where the access names a command for it; False where it does not."""
        command = self.inventory.access.power
        if self.inventory.hosts[host].provisioner == "libvirt" or not command:
            return False
        done = subprocess.run(
            [*command, host, word], capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=ROOT
        )
        if done.returncode:
            words = f"`{' '.join(command)} {host} {word}` ended with {done.returncode}: {done.stderr.strip()}"
            raise OpsError(words, "see that this command works here", Exit.UNREACHABLE)
        return True

    def check(self, host: str) -> None:
        """See `Power.check`."""
        if self.inventory.hosts[host].provisioner == "libvirt" or not self.inventory.access.power:
            self._virsh(host, "domstate")

    def cut(self, host: str) -> None:
        """See `Power.cut`."""
        if self._command(host, "off"):
            return
        if self._virsh(host, "domstate") != "shut off":
            self._virsh(host, "destroy")

    def restore(self, host: str) -> None:
        """See `Power.restore`."""
        if self._command(host, "on"):
            return
        if self._virsh(host, "domstate") == "shut off":
            self._virsh(host, "start")
