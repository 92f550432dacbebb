"""A command whose output is passed on, line by line, while it runs."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable
from threading import Thread
from typing import IO


def _read(stream: IO[str], kept: list[str], say: Callable[[str], None]) -> None:
    # When the command is killed, its streams are closed while they are being read.
    with contextlib.suppress(ValueError):
        for line in stream:
            kept.append(line)
            if line.strip():
                say(line.rstrip())


def run_streaming(
    command: list[str], stdin: str, *, timeout: float, say: Callable[[str], None]
) -> tuple[int, str, str]:
    """Exit code and both outputs; `say` gets every line as it comes. In a session of its own, as Ctrl-C must not cut it
    short by itself.

    Raises:
        FileNotFoundError: there is no such program.
        subprocess.TimeoutExpired: it did not end within `timeout` seconds; it was killed.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, errors="replace", start_new_session=True
    ) as process:
        assert process.stdin and process.stdout and process.stderr  # noqa: S101
        out: list[str] = []
        error: list[str] = []
        readers = [
            Thread(target=_read, args=pair, daemon=True)
            for pair in ((process.stdout, out, say), (process.stderr, error, say))
        ]
        for reader in readers:
            reader.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(stdin)
                process.stdin.close()
            code = process.wait(timeout)
        except BaseException:
            process.kill()
            raise
        for reader in readers:
            reader.join(5)
    return code, "".join(out), "".join(error)
