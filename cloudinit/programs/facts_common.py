"""What the subjects of `host-facts` share: a command that runs while other things are looked at."""

from __future__ import annotations

import os
import subprocess
from typing import Any

#: Patience with one command, in seconds: a starved machine takes long over any process, and its answer is worth more than none.
PATIENCE = 40.0


class Asked:
    """A command that was started; `answer` waits for its end."""

    def __init__(self, *command: str) -> None:
        self.name = command[0]
        self.error = ""
        self.process: subprocess.Popen[str] | None = None
        out, environment = subprocess.PIPE, {**os.environ, "LC_ALL": "C"}
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
            )
        except OSError as error:
            self.error = f"{self.name}: {error.strerror}"

    def answer(self) -> dict[str, Any]:
        """{"code", "text"}: exit code and what it printed, complaints included. 127: no such program; 124: it did not end in time."""
        if self.process is None:
            return {"code": 127, "text": self.error}
        try:
            text, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return {"code": 124, "text": f"{self.name}: no answer after {PATIENCE:.0f} s"}
        return {"code": self.process.returncode, "text": text.strip("\n")}
