"""One way to run something on a host: SSH with the stack's own key and the host keys known before first boot
(ssh(1))."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from ops import paths
from ops.hosts.patient import port_silent, run_patiently
from ops.hosts.streamed import run_streaming
from ops.inventory import Inventory

#: ssh's patience for the TCP connection, the greeting and the keys, in seconds. Whether a host can be reached is known
#: sooner (`patient`).
CONNECT_TIMEOUT = 120
#: ssh's own exit code when there was no session.
SSH_FAILED = 255

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a host answered. `reached` is False when no session came about or it went silent; `error` then says why.

    `slow`: it can be reached, for its port takes connections, and the answer did not come in time.
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
        """Runs the script. Never raises for a host's failure: the answer says it. `timeout` in seconds bounds the wait
        for a reachable host; one that is not is known sooner."""

    def follow(self, host: str, script: str, *, timeout: float, say: Callable[[str], None]) -> Answer:
        """The same for long work: `say` gets every line of both outputs as it comes, also from other threads."""


def words_of(stderr: str) -> str:
    """The last line of ssh's complaint, which names the cause."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


#: What ssh says when the host was reached and admits none of the keys.
DENIED = "Permission denied"
#: What ssh says when a host took the connection and then said nothing in time: it may only be slow.
WENT_SILENT = ("timed out during banner exchange", "not responding")


@dataclass(frozen=True, kw_only=True)
class Ssh:
    """OpenSSH's client. The script goes through standard input, so that nothing in it shows in a process list."""

    inventory: Inventory
    root: Path = paths.ROOT
    #: Gets words about hosts that are slow to answer.
    say: Callable[[str], None] = lambda words: None

    def command(self, host: str) -> list[str]:
        """The ssh command line for a host."""
        entry, access = self.inventory.hosts[host], self.inventory.access
        options = [
            "-F",
            "none",
            "-T",
            "-o",
            "BatchMode=yes",
            "-o",
            f"ConnectTimeout={CONNECT_TIMEOUT}",
            "-o",
            "LogLevel=ERROR",
        ]
        # No shared control sockets: they go stale when a guest dies, and commands then fail silently.
        options += ["-o", "ControlPath=none", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=12"]
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
        """See `Shell.run`."""
        entry = self.inventory.hosts[host]
        try:
            ended = run_patiently(
                self.command(host),
                script,
                reach=(entry.address, entry.ssh_port),
                patience=timeout,
                say=lambda words: self.say(f"{host} is slow to answer: {words}"),
            )
        except FileNotFoundError:
            return Answer(reached=False, error="ssh is not installed on this machine")
        if ended.code is None:
            return Answer(reached=False, slow=ended.slow, error=ended.words)
        return self._answer(host, ended.code, ended.out, ended.err)

    def follow(self, host: str, script: str, *, timeout: float, say: Callable[[str], None]) -> Answer:
        """See `Shell.follow`."""
        try:
            code, out, error = run_streaming(self.command(host), script, timeout=timeout, say=say)
        except subprocess.TimeoutExpired:
            return Answer(reached=False, slow=True, error=f"not done within {timeout:.0f} s")
        except FileNotFoundError:
            return Answer(reached=False, error="ssh is not installed on this machine")
        return self._answer(host, code, out, error)

    def _answer(self, host: str, code: int, out: str, error: str) -> Answer:
        if code != SSH_FAILED:
            return Answer(reached=True, code=code, out=out, error=error)
        words, entry = words_of(error), self.inventory.hosts[host]
        slow = any(mark in words for mark in WENT_SILENT) and not port_silent(entry.address, entry.ssh_port)
        return Answer(reached=False, slow=slow, code=code, error=self._failed(words))


def on_all(hosts: list[str], work: Callable[[str], T]) -> dict[str, T]:
    """The same work on several hosts at once, by host."""
    if not hosts:
        return {}
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        return dict(zip(hosts, pool.map(work, hosts), strict=True))
