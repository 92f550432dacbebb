"""One way to run something on a host: SSH with the stack's own key and the host keys known before first boot (ssh(1))."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from ops import paths
from ops.aloud import run_aloud
from ops.inventory import HostEntry, Inventory
from ops.patience import Gone, Watched, run_watched, takes_connections

#: ssh's own patience for the TCP connection, the greeting and the key exchange, in seconds. A host that is gone is noticed sooner, by
#: `Watched`; a starved one takes long over the greeting.
CONNECT_TIMEOUT = 60
#: ssh asks a silent session every so many seconds, and gives it up after so many questions (ssh_config(5), ServerAliveInterval).
ALIVE_EVERY, ALIVE_COUNT = 15, 6
#: ssh's own exit code when there was no session.
SSH_FAILED = 255

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a host answered. `reached` is False when no session came about or it went silent; `error` then says why.

    `slow`: it was not reached, and takes connections: it may be well and busy.
    """

    reached: bool
    slow: bool = False
    code: int = 0
    out: str = ""
    error: str = ""

    @property
    def good(self) -> bool:
        """True when the host was reached and the script ended with 0."""
        return self.reached and self.code == 0


class Shell(Protocol):
    """Runs a bash script as root on a host of the inventory."""

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        """Runs the script. Never raises for a host's failure: the answer says it. `timeout` in seconds, for the whole."""

    def follow(self, host: str, script: str, *, timeout: float, say: Callable[[str], None]) -> Answer:
        """The same for long work: `say` gets every line of both outputs as it comes, also from other threads."""


def words_of(stderr: str) -> str:
    """The last line of ssh's complaint, which names the cause."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


#: What ssh says when the host was reached and admits none of the keys.
DENIED = "Permission denied"
#: What ssh says of a host that took the connection and then was not heard in time.
_SLOW = re.compile(r"timed out during banner exchange|Timeout, server .* not responding")


def _quiet(host: str, seconds: float) -> None:
    """Nobody wants to hear of slow hosts."""


@dataclass(frozen=True, kw_only=True)
class Ssh:
    """OpenSSH's client. The script goes through standard input, so that nothing in it shows in a process list."""

    inventory: Inventory
    root: Path = paths.ROOT
    #: Told once of a host that takes connections and has not answered for so many seconds.
    slow: Callable[[str, float], None] = _quiet

    def command(self, host: str) -> list[str]:
        """The ssh command line for a host."""
        entry, access = self.inventory.hosts[host], self.inventory.access
        options = ["-F", "none", "-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT_TIMEOUT}", "-o", "LogLevel=ERROR"]
        # No shared control sockets: they go stale when a guest dies, and commands then fail silently.
        options += ["-o", "ControlPath=none", "-o", f"ServerAliveInterval={ALIVE_EVERY}", "-o", f"ServerAliveCountMax={ALIVE_COUNT}"]
        if access.ssh_key:
            options += ["-i", str(self.root / access.ssh_key), "-o", "IdentitiesOnly=yes"]
        if access.known_hosts:
            options += ["-o", f"UserKnownHostsFile={self.root / access.known_hosts}", "-o", "GlobalKnownHostsFile=none"]
        options += ["-o", "StrictHostKeyChecking=yes", "-p", str(entry.ssh_port)]
        as_root = ["bash", "-s"] if entry.ssh_user == "root" else ["sudo", "-n", "bash", "-s"]
        return ["ssh", *options, f"{entry.ssh_user}@{entry.address}", *as_root]

    def _failed(self, words: str) -> str:
        """ssh's words, and after a refused login which key was offered."""
        if DENIED not in words:
            return words
        key = self.inventory.access.ssh_key
        if key and (self.root / key).exists():
            return f"{words}; the key {key} was offered"
        own = key or f".state/{self.inventory.stack}/id_ed25519"
        return f"{words}; {own} is not there{'' if key else ', so your own keys and ssh-agent were tried'}"

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        """See `Shell.run`. Waits by progress: a host that takes no connections any more is not waited for until `timeout`."""
        entry = self.inventory.hosts[host]
        watched = Watched(alive=partial(takes_connections, entry.address, entry.ssh_port), slow=partial(self.slow, host))
        try:
            code, out, error = run_watched(self.command(host), script, watched, timeout)
        except subprocess.TimeoutExpired:
            return _late(entry, timeout)
        except Gone as gone:
            return Answer(reached=False, error=str(gone))
        except FileNotFoundError:
            return Answer(reached=False, error="ssh is not installed on this machine")
        return self._answer(code, out, error)

    def follow(self, host: str, script: str, *, timeout: float, say: Callable[[str], None]) -> Answer:
        """See `Shell.follow`."""
        try:
            code, out, error = run_aloud(self.command(host), script, timeout=timeout, say=say)
        except subprocess.TimeoutExpired:
            return _late(self.inventory.hosts[host], timeout)
        except FileNotFoundError:
            return Answer(reached=False, error="ssh is not installed on this machine")
        return self._answer(code, out, error)

    def _answer(self, code: int, out: str, error: str) -> Answer:
        if code == SSH_FAILED:
            return Answer(reached=False, slow=bool(_SLOW.search(error)), code=code, error=self._failed(words_of(error)))
        return Answer(reached=True, code=code, out=out, error=error)


def _late(entry: HostEntry, seconds: float) -> Answer:
    """The bound has passed. Whether the host is slow or gone is seen by one more connection."""
    words = f"no answer within {seconds:.0f} s"
    if takes_connections(entry.address, entry.ssh_port):
        return Answer(reached=False, slow=True, error=f"{words}, though it takes connections on port {entry.ssh_port}")
    return Answer(reached=False, error=f"{words}, and it takes no TCP connection")


def on_all(hosts: list[str], work: Callable[[str], T]) -> dict[str, T]:
    """The same work on several hosts at once, by host."""
    if not hosts:
        return {}
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        return dict(zip(hosts, pool.map(work, hosts), strict=True))
