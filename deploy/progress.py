"""The engine's events as lines that a person can follow, and what failed in words."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field

from pulumi.automation import EngineEvent, OpType
from rich.console import Console
from rich.markup import escape

#: Longest silence, in seconds, before a line says what is still at work.
HEARTBEAT = 20.0
_COLOURS = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
_QUIET = {OpType.SAME, OpType.READ, OpType.REFRESH}


@dataclass
class Progress:
    """Feeds on engine events. `seconds` is how long each resource took, `log` the last words of each."""

    console: Console
    seconds: dict[str, float] = field(default_factory=dict)
    log: dict[str, list[str]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    changes: int = 0
    _started: dict[str, float] = field(default_factory=dict)
    _begin: float = field(default_factory=time.monotonic)
    _last: float = field(default_factory=time.monotonic)
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Progress:
        threading.Thread(target=self._heartbeat, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _say(self, text: str) -> None:
        self._last = time.monotonic()
        self.console.print(f"  [dim]{self._last - self._begin:6.1f} s[/dim]  {text}", highlight=False)

    def _heartbeat(self) -> None:
        while not self._done.wait(1.0):
            working = list(self._started)
            if working and time.monotonic() - self._last > HEARTBEAT:
                self._say(f"[dim]… at work: {', '.join(sorted(_name(urn) for urn in working))}[/dim]")

    def on_event(self, event: EngineEvent) -> None:
        """One event of the engine."""
        if event.resource_pre_event:
            meta = event.resource_pre_event.metadata
            if meta.op not in _QUIET and _custom(meta.urn):
                self._started[meta.urn] = time.monotonic()
        elif event.res_outputs_event:
            meta = event.res_outputs_event.metadata
            start = self._started.pop(meta.urn, None)
            if start is not None:
                took = time.monotonic() - start
                self.seconds[_name(meta.urn)] = round(took, 1)
                self.changes += 1
                self._say(
                    f"[green]✓[/green] {_name(meta.urn)} [dim]{meta.op.value}d in {took:.1f} s[/dim]".replace(
                        "eed in", "ed in"
                    )
                )
        elif event.res_op_failed_event:
            urn = event.res_op_failed_event.metadata.urn
            self._started.pop(urn, None)
            self.failed.append(urn)
            self._say(f"[red]✗ {_name(urn)} failed[/red]")
        elif event.diagnostic_event and event.diagnostic_event.severity != "debug":
            self._note(event.diagnostic_event.urn or "", event.diagnostic_event.message)

    def _note(self, urn: str, message: str) -> None:
        lines = [line for line in _COLOURS.sub("", message).splitlines() if line.strip()]
        if urn.endswith("-withdraw"):
            # What is kept on a server, and what was removed, is for the user to know.
            for line in lines:
                self._say(f"{_name(urn).removesuffix('-withdraw')}: {escape(line)}")
        self.log.setdefault(urn, []).extend(lines)

    def failure(self) -> str:
        """Which resource failed, with the last lines of its log; empty when nothing did."""
        parts = []
        for urn in self.failed or [urn for urn in self.log if any("error" in line.lower() for line in self.log[urn])]:
            words = self.log.get(urn, [])[-30:]
            parts.append("\n".join([f"failed: {_name(urn) or 'the program'}", *(f"  | {line}" for line in words)]))
        return "\n".join(parts)


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1] if urn else ""


def _custom(urn: str) -> bool:
    return (
        "mariadb-ha:index:" not in urn.split("::")[-2].split("$")[-1]
        and "pulumi:pulumi:Stack" not in urn
        and "pulumi:providers" not in urn
    )
