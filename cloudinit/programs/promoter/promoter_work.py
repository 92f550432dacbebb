"""What the promoter runs by: its settings, and fencing."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass

from mha_common import Failure, at, run

#: Seconds that a fencing agent gets: power controllers are slow.
FENCE_TIMEOUT = 60.0
#: While this file is there, and younger than DISARMED_FOR (s), nobody is powered off: its text says why. A drill that
#: has both hosts serve lays it, on both; a boot takes it away.
DISARMED, DISARMED_FOR = "/run/mariadb-ha/fencing-disarmed", 900.0


@dataclass(frozen=True)
class Settings:
    """promoter.env. `peer`: the other host's name, empty where it is declared lost; times in seconds."""

    name: str
    host: str
    resource: str
    vips: tuple[str, ...]
    port: int
    peer: str
    peer_address: str
    peer_timeout: float
    hang_timeout: float
    fencing: str
    witnesses: tuple[str, ...] = ()

    @classmethod
    def load(cls, env: Mapping[str, str], host: str) -> Settings:
        """Raises Failure where promoter.env is not whole."""
        try:
            return cls(
                name=env["NAME"],
                host=host,
                resource=env["RESOURCE"],
                vips=tuple(env["VIPS"].split()),
                port=int(env["PORT"]),
                peer=env["PEER"],
                peer_address=env["PEER_ADDRESS"],
                peer_timeout=float(env["PEER_TIMEOUT"]),
                hang_timeout=float(env["HANG_TIMEOUT"]),
                fencing=env["FENCING"],
                witnesses=tuple(env["WITNESSES"].split()),
            )
        except (KeyError, ValueError) as error:
            raise Failure(
                f"/etc/mariadb-ha/promoter.env is incomplete: {error}", todo="deliver it again: pulumi up"
            ) from None


def disarmed() -> str:
    """Why fencing counts as none now; empty where it counts."""
    file = at(DISARMED)
    try:
        age = time.time() - file.stat().st_mtime
        words = " ".join(file.read_text(errors="replace").split())
    except OSError:
        return ""
    return (words or "no reason given") if 0 <= age < DISARMED_FOR else ""


def fence(settings: Settings) -> None:
    """Power the other host off: `COMMAND off HOST`, which ends with 0 only once that host is without power. Raises
    Failure.
    """
    command = [*shlex.split(settings.fencing), "off", settings.peer]
    done = run(command, timeout=FENCE_TIMEOUT)
    if done.returncode:
        words = " / ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-3:])
        raise Failure(
            f"`{' '.join(command)}` ended with {done.returncode}: {words}",
            todo=f"this host does not take writes while {settings.peer} may: mend the fencing agent, or bring"
            f" {settings.peer} back",
        )
