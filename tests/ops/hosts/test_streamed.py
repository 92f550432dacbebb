"""Commands that are heard while they run."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from ops.hosts.streamed import run_streaming


def test_lines_come_as_they_are_said() -> None:
    """The last line waits for an answer to the first: nothing is held back until the end."""
    heard: list[tuple[float, str]] = []
    start = time.monotonic()
    code, out, error = run_streaming(
        ["bash", "-s"],
        "echo one; sleep 0.6; echo two >&2; echo; exit 7",
        timeout=10,
        say=lambda line: heard.append((time.monotonic() - start, line)),
    )
    assert (code, out, error) == (7, "one\n\n", "two\n")
    assert [line for _, line in heard] == ["one", "two"]
    assert heard[1][0] - heard[0][0] > 0.3


def test_patience_ends() -> None:
    start = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run_streaming(["sleep", "30"], "", timeout=0.2, say=lambda line: None)
    assert time.monotonic() - start < 10


def test_a_command_that_reads_nothing() -> None:
    assert run_streaming([sys.executable, "-c", "pass"], "x" * 1_000_000, timeout=20, say=lambda line: None)[0] == 0


def test_no_such_program() -> None:
    with pytest.raises(FileNotFoundError):
        run_streaming(["/nonexistent/ssh"], "", timeout=1, say=lambda line: None)
