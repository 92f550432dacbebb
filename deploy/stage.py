"""Stages of `make up`: each says what it does, shows that it lives, and is timed."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from deploy.errors import DeployError


class Stages:
    """Runs and times stages; `seconds` holds what each took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Announces a stage and times it."""
        self.console.print(f"[bold]▸ {title}[/bold]")
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[title] = round(time.monotonic() - start, 1)
        self.console.print(f"  [green]✓[/green] {title} [dim]{self.seconds[title]:.1f} s[/dim]")

    def run(self, title: str, command: Sequence[str | Path], *, cwd: Path) -> None:
        """A stage that is a program of its own; its output goes straight to the user.

        Raises:
            DeployError: it failed.
        """
        with self.stage(title):
            done = subprocess.run([str(part) for part in command], cwd=cwd, check=False)
        if done.returncode:
            words = " ".join(str(part) for part in command)
            raise DeployError(
                f"{title}: {words} ended with {done.returncode}; its own words are above. Mend that and run `make "
                "up` again."
            )

    def save(self, path: Path) -> None:
        """Keeps the figures for the summary and for reports."""
        path.write_text(json.dumps(self.seconds, indent=1) + "\n")
