"""What the promoter runs by: its settings, and fencing."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import fenced_mark
from mha_common import Failure, at

#: Seconds that a fencing agent gets where promoter.env does not say it: power controllers are slow.
FENCING_TIMEOUT = 60.0
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
    fencing_timeout: float = FENCING_TIMEOUT

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
                fencing_timeout=float(env.get("FENCING_TIMEOUT") or FENCING_TIMEOUT),
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


def ended(command: Sequence[str], *, seconds: float) -> tuple[int, str]:
    """Exit code and last words of an agent, which gets so many seconds. One that is out of time is ended with all that
    it has begun: a power cut that was given up must not come later, when the other host has long been heard again.
    """
    try:
        agent = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return 127, f"{command[0]}: {error.strerror or error}"
    with agent:
        try:
            out, err = agent.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(agent.pid, signal.SIGKILL)
            return 124, f"no answer after {seconds:g} s"
    return agent.returncode, " / ".join((err.strip() or out.strip()).splitlines()[-3:])


def fence(settings: Settings) -> None:
    """Power the other host off: `COMMAND off HOST`, which ends with 0 only once that host is without power. Whoever
    would ask once more finds that in fenced_mark. Raises Failure.
    """
    command = [*shlex.split(settings.fencing), "off", settings.peer]
    code, words = ended(command, seconds=settings.fencing_timeout)
    if code:
        raise Failure(
            f"`{' '.join(command)}` ended with {code}: {words}",
            todo=f"this host does not take writes while {settings.peer} may: mend the fencing agent, or bring"
            f" {settings.peer} back",
        )
    fenced_mark.lay(settings.name, settings.peer)
