"""Programs of several hosts that go on one at a time, from one pause to the next: a test can try every order."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar


class Turns:
    """One host's program in a thread of its own. `flag`: it drains; `out`: its server is down; `all`: it and the others
    by name; `wrong`: what it saw that must never be.
    """

    #: Turns for which a server is out.
    rounds = 60

    def __init__(self, name: str, everyone: Mapping[str, Turns]) -> None:
        self.name, self.all = name, everyone
        self.flag, self.out, self.done = False, False, False
        self.wrong: list[str] = []
        self.go, self.paused = threading.Semaphore(0), threading.Semaphore(0)
        self.thread = threading.Thread(target=self.run, daemon=True)

    def change(self) -> None:
        """The program, until this host may be out."""
        raise NotImplementedError

    def turn(self) -> None:
        """On to its next pause."""
        self.go.release()
        assert self.paused.acquire(timeout=60)

    def pause(self, _seconds: float = 0) -> None:
        self.paused.release()
        self.go.acquire()

    def run(self) -> None:
        self.go.acquire()
        self.change()
        self.out = True
        for _ in range(self.rounds):
            if sum(one.out for one in self.all.values()) != 1:
                self.wrong.append("two are out at once")
            self.pause()
        self.out, self.flag, self.done = False, False, True
        self.paused.release()


class TurnsDeadline:
    """Over after a number of turns."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds * 2

    def over(self) -> bool:
        self.left -= 1
        return self.left < 0

    def waited(self) -> float:
        return 0.0

    def note(self, _words: str) -> None:
        """Nobody reads it."""


T = TypeVar("T", bound=Turns)


def whose(each: Sequence[T]) -> Callable[[], T]:
    """A function that says in whose thread it is called."""
    by_thread = {one.thread: one for one in each}
    return lambda: by_thread[threading.current_thread()]


def run_in_turns(each: Sequence[Turns], first: Sequence[int], *, most: int = 1000) -> None:
    """In this order first (positions in `each`), then round and round; all come to their ends within so many turns."""
    for one in each:
        one.thread.start()
    for position in itertools.islice(itertools.chain(first, itertools.cycle(range(len(each)))), most):
        if not each[position].done:
            each[position].turn()
    assert [one.done for one in each] == [True] * len(each)
    assert not [words for one in each for words in one.wrong]
