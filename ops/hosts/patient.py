"""Waiting for a host's answer by what it does, not by a clock: slow is not dead.

A command (ssh) that has not ended is waited for as long as the host's TCP port takes connections, up to a generous
bound. Its kernel answers for a port even while nothing else gets a turn; a host that is off, or cut off, does not
answer at all.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Silence after which the port is looked at, and then each time twice as long after, at most `RARELY` (s).
LATE, RARELY = 10.0, 60.0
#: Patience for one TCP connection (s): the kernel repeats a lost SYN after 1 and 3 s.
TCP_PATIENCE = 5.0
#: Looks in a row without an answer of the kernel before the host counts as unreachable.
MISSES = 2


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How it ended. `code` None: it was given up; `slow` then tells a reachable host from one that is not, and
    `words` why."""

    code: int | None
    out: str = ""
    err: str = ""
    slow: bool = False
    words: str = ""


def port_silent(address: str, port: int) -> str:
    """Why no kernel answers for a TCP port; empty when one does (a refusal is an answer)."""
    try:
        with socket.create_connection((address, port), timeout=TCP_PATIENCE):
            return ""
    except ConnectionRefusedError:
        return ""
    except TimeoutError:
        return os.strerror(errno.ETIMEDOUT)
    except OSError as error:
        return error.strerror or str(error)


def run_patiently(
    command: Sequence[str],
    stdin: str,
    *,
    reach: tuple[str, int],
    patience: float,
    say: Callable[[str], None] = lambda words: None,
    look: Callable[[str, int], str] = port_silent,
) -> Ended:
    """Runs a command that talks to `reach` (address, port), in a session of its own: Ctrl-C must not cut a repair
    short.

    `patience` is the bound in seconds; `say` gets words about a host that is slow to answer.

    Raises:
        FileNotFoundError: there is no such program.
    """
    pipe = subprocess.PIPE
    began = time.monotonic()
    pause, misses, given = LATE, 0, 0.0
    text: str | None = stdin
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, errors="replace", start_new_session=True
    ) as process:
        try:
            while True:
                given = time.monotonic() - began
                if given >= patience:
                    return Ended(
                        code=None,
                        slow=True,
                        words=f"port {reach[1]} takes connections, and no answer came within {patience:.0f} s",
                    )
                try:
                    out, err = process.communicate(text, timeout=min(pause, patience - given))
                    return Ended(code=process.returncode, out=out, err=err)
                except subprocess.TimeoutExpired:
                    text = None
                waited = time.monotonic() - began
                silent = look(*reach)
                misses = misses + 1 if silent else 0
                if misses >= MISSES or (silent and waited >= patience):
                    return Ended(code=None, words=f"{silent}; nothing answers at port {reach[1]}")
                if not silent:
                    say(
                        f"no answer for {waited:.0f} s, but port {reach[1]} takes connections: waiting up to"
                        f" {patience:.0f} s"
                    )
                    pause = min(2 * pause, RARELY)
        finally:
            if process.poll() is None:
                process.kill()
