"""Progress on standard error: what is being done, with the seconds since the command began."""

from __future__ import annotations

import time

from rich.console import Console


class Progress:
    """Says one line after the other."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.began = time.monotonic()

    def __call__(self, words: str) -> None:
        """One line."""
        self.console.print(f"[{time.monotonic() - self.began:6.1f} s] {words}", markup=False, soft_wrap=True)
