"""What every program on a server shares: paths, environment files, words for the reader, commands.

Paths are fixed on a server. On a desk the environment variable `MHA_ROOT` names a folder that stands for `/`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn


class Failure(Exception):
    """A step that cannot be done: what is wrong, and what to do. Shown as one line, never as a traceback."""

    def __init__(self, what: str, *, todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo


def at(path: str) -> Path:
    """The file `path` of this server, below `MHA_ROOT` on a desk."""
    root = os.environ.get("MHA_ROOT", "")
    return Path(root + path) if root else Path(path)


def read_env(path: str) -> dict[str, str]:
    """Shell `KEY="VALUE"` lines as a mapping; comments and blank lines left out.

    Raises Failure when the file is missing or a line is not an assignment.
    """
    file = at(path)
    try:
        text = file.read_text()
    except OSError as error:
        raise Failure(
            f"{path} cannot be read ({error.strerror})", todo="deliver the host's files first: pulumi up"
        ) from None
    values: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise Failure(
                f"{path} line {number} is not KEY=VALUE: {line}",
                todo="the file is generated: deliver it again with pulumi up",
            )
        values[key.strip()] = value.strip().strip("\"'")
    return values


def hostname() -> str:
    """This host's name in the stack (HOST of host.env), else the kernel's."""
    try:
        return read_env("/etc/mariadb-ha/host.env")["HOST"]
    except (Failure, KeyError):
        return socket.gethostname()


def say(words: str) -> None:
    """One line for the reader, at once."""
    print(words, flush=True)


def run(
    command: Sequence[str],
    *,
    stdin: str | None = None,
    timeout: float | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command, output captured.

    Return code 127 when there is no such program, 124 when `timeout` (s) has passed.
    """
    whole = {**os.environ, **env} if env else None
    try:
        return subprocess.run(
            list(command),
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=whole,
            check=False,
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(list(command), 127, "", f"{command[0]}: no such program")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(list(command), 124, "", f"{command[0]}: no answer after {timeout} s")


def must(
    command: Sequence[str],
    *,
    todo: str = "",
    stdin: str | None = None,
    timeout: float | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a command that has to succeed; its standard output. Raises Failure with its last words."""
    done = run(command, stdin=stdin, timeout=timeout, env=env)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
        raise Failure(f"`{' '.join(command)}` ended with {done.returncode}: {' / '.join(words)}", todo=todo)
    return done.stdout


def journal(unit: str, *, lines: int = 30) -> str:
    """The unit's last words in the journal."""
    return run(["journalctl", "-u", unit, "-n", str(lines), "--no-pager", "-o", "cat"], timeout=60).stdout.rstrip()


def pause(seconds: float) -> None:
    """Sleep; on a desk MHA_PAUSE (s) stands for every pause."""
    time.sleep(float(os.environ.get("MHA_PAUSE", seconds)))


@contextmanager
def only_one(name: str, *, seconds: float = 600) -> Iterator[None]:
    """Hold /run/mariadb-ha/NAME.lock. Another run is waited for; Failure when it has not ended after `seconds`."""
    folder = at("/run/mariadb-ha")
    folder.mkdir(parents=True, exist_ok=True)
    deadline = Deadline(seconds)
    with (folder / f"{name}.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if deadline.over():
                    raise Failure(
                        f"another run ({name}) has not ended after {seconds:.0f} s",
                        todo="look what it waits for: `journalctl -b`",
                    ) from None
                deadline.note(f"waiting for another run ({name}) to end")
                pause(0.5)
        yield


def boot_id() -> str:
    """The kernel's identity of this boot."""
    return at("/proc/sys/kernel/random/boot_id").read_text().strip()


class Deadline:
    """A bounded wait (seconds) that says every `every` seconds what it waits for."""

    def __init__(self, seconds: float, *, every: float = 30.0) -> None:
        self.start = time.monotonic()
        self.end = self.start + seconds
        self.every = every
        self.said_at = self.start
        self.said = ""

    def over(self) -> bool:
        return time.monotonic() >= self.end

    def waited(self) -> float:
        return time.monotonic() - self.start

    def note(self, words: str) -> None:
        """Say it when it is new (but at most every 5 s) or when `every` seconds of silence have passed."""
        now = time.monotonic()
        silence = now - self.said_at
        if silence >= self.every or (words != self.said and (not self.said or silence >= 5)):
            say(f"{self.waited():4.0f} s: {words}")
            self.said, self.said_at = words, now


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def program(step: str, main: Callable[[], int]) -> NoReturn:
    """Run a program's main; a Failure becomes one last line `host: step: what. To do: …` and exit code 1.

    SIGTERM and SIGHUP (a broken SSH connection) unwind like an error, so that `finally` is honoured.
    """
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    try:
        code = main()
    except Failure as failure:
        todo = f". To do: {failure.todo}" if failure.todo else ""
        print(f"{hostname()}: {step}: {failure.what}{todo}", file=sys.stderr, flush=True)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    sys.exit(code)
