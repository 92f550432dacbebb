"""Where things of this checkout lie. `.state` must be kept; `.cache` may be thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAB_RUN = ROOT / "lab" / "run"
TOOLCHAIN_RUN = ROOT / "toolchain" / "run"


@dataclass(frozen=True, kw_only=True)
class StackPaths:
    """The files of one stack."""

    stack: str

    @property
    def tracked(self) -> Path:
        """The stack file that the user wrote."""
        return ROOT / f"Pulumi.{self.stack}.yaml"

    @property
    def work(self) -> Path:
        """The generated Pulumi workspace: no tracked file is touched."""
        return ROOT / ".state" / self.stack

    @property
    def generated(self) -> Path:
        """The stack file that Pulumi reads: the tracked one, what was found out here, and the encryption salt."""
        return self.work / f"Pulumi.{self.stack}.yaml"

    @property
    def passphrase(self) -> Path:
        """Passphrase of the state's secrets."""
        return self.work / "passphrase"

    @property
    def stack_secret(self) -> Path:
        """The one secret from which the others are derived."""
        return self.work / "stack_secret"

    @property
    def ssh_key(self) -> Path:
        """The stack's own SSH private key."""
        return self.work / "id_ed25519"

    @property
    def access(self) -> Path:
        """How `hactl` gets to the hosts."""
        return self.work / "access.json"

    @property
    def lab(self) -> Path:
        """Name of the lab that the stack is in; "-" for a stack outside of any."""
        return self.work / "lab"

    @property
    def inventory(self) -> Path:
        """The stack's outputs without secrets."""
        return self.work / "inventory.json"

    @property
    def retained(self) -> Path:
        """Names of the data volumes that `down` kept; there only while no `up` has taken them."""
        return self.work / "retained"

    @property
    def timings(self) -> Path:
        """How long each part of the last `up` took."""
        return self.work / "timings.json"


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads, all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".new")
    partial.touch(mode=0o600)
    partial.chmod(0o600)
    partial.write_text(text)
    partial.replace(path)
