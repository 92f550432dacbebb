"""A repair that this machine carries out by itself after a time, although `hactl` was killed: a process of its own
session, for where power is switched from here. It does not outlive this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence

#: How often, and with which pause (s), it tries: the hypervisor may be busy.
TRIES, AGAIN = 20, 10
NAME = "mariadb-ha-drill-undo"
_LATER = f"""
sleep "$1"
shift
tries=0
until "$@" || [ "$tries" -ge {TRIES} ]; do
    tries=$((tries + 1))
    sleep {AGAIN}
done
"""


class Later:
    """One command that is run later, unless it is taken back."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def arm(self, command: Sequence[str], seconds: float) -> None:
        """Runs the command after so many seconds, also when this process is dead by then."""
        quiet = subprocess.DEVNULL
        # In a session and a process group of its own: neither Ctrl-C nor a kill of hactl's group ends it.
        self._process = subprocess.Popen(
            ["sh", "-c", _LATER, NAME, f"{seconds:.0f}", *command],
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            start_new_session=True,
            cwd="/",
        )

    def disarm(self) -> None:
        """Takes it back."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
