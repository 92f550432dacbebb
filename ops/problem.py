"""What is wrong with a stack, in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One finding. A `warning` asks for attention; with a `problem` the stack is not healthy; with an `unknown` nobody can tell. `host` may be `stack`."""

    host: str
    figure: str
    follows: str
    todo: str
    severity: Literal["problem", "unknown", "warning"] = "problem"

    def line(self) -> str:
        """All of it in one line: host, figure, what follows, what to do."""
        return f"{self.host}: {self.figure}; {self.follows}. To do: {self.todo}."

    def as_json(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)
