"""Waiting for a host's answer by progress: while the host takes TCP connections it is slow, and only when it takes none is it gone."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterable

#: How often a host that has not answered yet is looked at, and how long one TCP connection to it may take, in seconds.
EVERY, TCP = 10.0, 10.0
#: So many looks in a row without a connection, and the host is taken for gone: one alone may be a lost packet or a starved guest.
GONE = 2


class Gone(Exception):
    """The host takes no connections any more. Its text: how that was seen."""


def takes_connections(address: str, port: int, *, patience: float = TCP) -> bool:
    """Whether the host's kernel answers. A refusal is an answer: a session that is open goes on without sshd's door."""
    try:
        with socket.create_connection((address, port), timeout=patience):
            return True
    except ConnectionRefusedError:
        return True
    except OSError:
        return False


class Watched:
    """One wait. `alive`: takes the host connections? `slow` is told once, with the seconds so far, when it does and has not answered."""

    def __init__(self, *, alive: Callable[[], bool], slow: Callable[[float], None], every: float = EVERY) -> None:
        self.alive, self.slow, self.every = alive, slow, every
        self.start = time.monotonic()
        self.told = False
        self.missed = 0

    def look(self) -> None:
        """One look.

        Raises:
            Gone: nothing answers there.
        """
        if self.alive():
            self.missed = 0
            if not self.told:
                self.slow(time.monotonic() - self.start)
            self.told = True
            return
        self.missed += 1
        if self.missed >= GONE:
            waited = time.monotonic() - self.start
            raise Gone(f"no answer after {waited:.0f} s, and it takes no TCP connection any more")

    def wait(self, done: Callable[[float], bool], bound: float) -> bool:
        """Until `done`, which waits so many seconds at most, is true; False when `bound` seconds have passed. Raises Gone."""
        end = self.start + bound
        while (left := end - time.monotonic()) > 0:
            if done(min(left, self.every)):
                return True
            if time.monotonic() < end:
                self.look()
        return False


def run_watched(command: Iterable[str], stdin: str, watched: Watched, bound: float) -> tuple[int, str, str]:
    """Exit code and both outputs of a command. In a session of its own: Ctrl-C at the terminal must not cut a repair short.

    Raises:
        FileNotFoundError: there is no such program.
        Gone: the host went.
        subprocess.TimeoutExpired: `bound` seconds have passed; the command was ended.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(list(command), stdin=pipe, stdout=pipe, stderr=pipe, text=True, errors="replace", start_new_session=True) as process:
        ended: list[tuple[str, str]] = []

        def done(seconds: float) -> bool:
            with contextlib.suppress(subprocess.TimeoutExpired):
                ended.append(process.communicate(stdin, timeout=seconds))
            return bool(ended)

        try:
            if not watched.wait(done, bound):
                raise subprocess.TimeoutExpired(process.args, bound)
        except BaseException:
            process.kill()
            raise
        return process.returncode, *ended[0]
