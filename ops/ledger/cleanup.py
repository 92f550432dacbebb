"""Undoing what a drill did, in reverse order, whatever ended it; and signals that may not cut this short."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from ops.errors import Interrupted


class Cleanup:
    """Things to undo. An undo is registered *before* its deed, so it must do no harm when the deed was not done."""

    def __init__(self) -> None:
        self._undo: list[tuple[str, str, Callable[[], None]]] = []

    def add(self, what: str, undo: Callable[[], None], *, by_hand: str) -> None:
        """`what` is being undone; `by_hand` is what the user does when it fails."""
        self._undo.append((what, by_hand, undo))

    def done(self, what: str) -> None:
        """Strikes out what was undone in the ordinary course."""
        self._undo = [entry for entry in self._undo if entry[0] != what]

    def run(self, say: Callable[[str], None]) -> list[str]:
        """Undoes everything, the latest first, even when one fails. Gives what could not be undone, in words."""
        left = []
        while self._undo:
            what, by_hand, undo = self._undo.pop()
            say(f"cleaning up: {what}")
            try:
                undo()
            except Exception as error:
                left.append(f"{what} failed ({error}). To do by hand: {by_hand}")
        return left


@contextlib.contextmanager
def signals_interrupt() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise `Interrupted` in the main thread."""

    def handler(number: int, frame: FrameType | None) -> None:
        raise Interrupted(signal.Signals(number).name)

    with _handlers(handler):
        yield


@contextlib.contextmanager
def signals_wait() -> Iterator[None]:
    """The same signals only get an answer: the cleanup goes on."""

    def handler(number: int, frame: FrameType | None) -> None:
        sys.stderr.write(f"hactl: {signal.Signals(number).name}: still cleaning up, please wait\n")

    with _handlers(handler):
        yield


@contextlib.contextmanager
def signals_noted() -> Iterator[list[str]]:
    """The same signals are only written down, by name: who waits looks whether one has come."""
    noted: list[str] = []

    def handler(number: int, frame: FrameType | None) -> None:
        noted.append(signal.Signals(number).name)

    with _handlers(handler):
        yield noted


@contextlib.contextmanager
def _handlers(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
