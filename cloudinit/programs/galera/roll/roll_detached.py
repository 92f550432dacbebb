"""A roll goes on when whoever asked for it is gone: in a session of its own, its words in the journal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import syslog
from collections.abc import Callable
from typing import TextIO

from mha_common import Failure, program
from roll_precheck import FINISH


class JournaledStream:
    """A stream whose reader may go away; its lines are in the journal too (`journalctl -t galera-roll`)."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.line = ""

    def write(self, text: str) -> int:
        *lines, self.line = (self.line + text).split("\n")
        for line in lines:
            syslog.syslog(line)
        with contextlib.suppress(OSError):
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self.stream.flush()

    def fileno(self) -> int:
        return self.stream.fileno()


def run_detached(work: Callable[[], int]) -> int:
    """Run `work` in a process of a session of its own: it goes on when the SSH session, sudo or this process end.

    Its exit code.
    """
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code < 0:
            raise Failure(
                f"killed in the middle (signal {-code}); the node may be out of service",
                todo=f"run again, or: sudo {FINISH}",
            )
        raise SystemExit(code)
    os.setsid()
    if "MHA_ROOT" not in os.environ:
        syslog.openlog("galera-roll", syslog.LOG_PID)
    sys.stdout, sys.stderr = JournaledStream(sys.stdout), JournaledStream(sys.stderr)

    def go() -> int:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        return work()

    program("galera-roll", go)
