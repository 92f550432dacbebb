"""What ends a ledger: a line, the end of standard input, a signal, or the time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.ledger.until import how_to_end, wait_for_end


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for end in (read, write):
        try:
            os.close(end)
        except OSError:
            continue


def nothing() -> None:
    """Nothing."""


def test_enter(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"\n")
    assert wait_for_end(None, nothing, pipe[0]) == "Enter"


def test_the_end_of_standard_input(pipe: tuple[int, int]) -> None:
    os.close(pipe[1])
    assert wait_for_end(None, nothing, pipe[0]) == "the end of standard input"


def test_half_a_line_is_not_enter(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"no")
    assert wait_for_end(0.2, nothing, pipe[0]) == "0.2 s"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait_and_nothing_else(pipe: tuple[int, int], number: signal.Signals) -> None:
    before = signal.getsignal(number)
    assert wait_for_end(None, lambda: os.kill(os.getpid(), number), pipe[0]) == number.name
    assert signal.getsignal(number) is before


def test_nobody_at_standard_input() -> None:
    """/dev/null is at its end from the start, and says nothing about the user."""
    with Path(os.devnull).open() as null:
        start = time.monotonic()
        assert wait_for_end(0.3, nothing, null.fileno()) == "0.3 s"
        assert time.monotonic() - start >= 0.3
        assert how_to_end(0.3, null.fileno()) == "Ctrl-C or 0.3 s"


def test_it_says_how_it_ends(pipe: tuple[int, int]) -> None:
    assert how_to_end(None, pipe[0]) == "Enter or Ctrl-C"
    assert how_to_end(60, pipe[0]) == "Enter or Ctrl-C or 60 s"
    assert how_to_end(60, 9999) == "Ctrl-C or 60 s"
