"""What is wrong with a stack, in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding. A `warning` asks for attention; with a `problem` the stack is not healthy; `unknown`: it could not
    be told whether it is. `host` may be `stack`."""

    host: str
    what: str
    follows: str
    todo: str
    severity: Literal["problem", "unknown", "warning"] = "problem"

    def line(self) -> str:
        """All of it in one line: host, what, what follows, what to do."""
        return f"{self.host}: {self.what}; {self.follows}. To do: {self.todo}."

    def as_json(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)
