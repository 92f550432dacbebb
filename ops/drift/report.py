"""Drift for people: host by host, file by file, as a patch where it may be shown."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from ops.drift.look import Drifted, HostDrift

_WORDS = {
    "content": "its content was changed",
    "mode": "its mode was changed",
    "owner": "its owner or group was changed",
    "missing": "it was removed",
}
_COLOURS = {"+++": "bold", "---": "bold", "@@": "cyan", "+": "green", "-": "red"}


def _printable(line: str) -> str:
    """The line as a terminal may see it: what a file holds must not command it."""
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in line)


def file_line(file: Drifted) -> str:
    """One file in words."""
    words = " and ".join(
        _WORDS.get(what, f"it is {what}" if what.startswith(("a ", "an ")) else what) for what in file.what
    )
    hidden = " (secret: not shown)" if file.secret and "content" in file.what else ""
    return f"  {_printable(file.path)} (set {file.owner_set}): {words or 'it differs'}{hidden}"


def _diff(console: Console, diff: str) -> None:
    for line in diff.splitlines():
        style = next((colour for mark, colour in _COLOURS.items() if line.startswith(mark)), "")
        console.print(Text(f"    {_printable(line)}", style=style), soft_wrap=True)


def print_drift(console: Console, stack: str, found: Mapping[str, HostDrift]) -> None:
    """The whole report, the sum last."""
    for host, one in found.items():
        if one.error:
            console.print(Text(f"{host}: could not be asked: {_printable(one.error)}", style="red"), soft_wrap=True)
        elif one.files:
            console.print(
                Text(
                    f"{host}: {len(one.files)} file{'s' if len(one.files) > 1 else ''} changed by hand", style="yellow"
                )
            )
        for name in one.unfinished:
            console.print(
                Text(f"{host}: a delivery of the set {name} was cut short, or is under way", style="yellow"),
                soft_wrap=True,
            )
        for file in one.files:
            console.print(Text(file_line(file)), soft_wrap=True)
            if not file.secret:
                _diff(console, file.diff)
    files = sum(len(one.files) for one in found.values())
    not_asked = [host for host, one in found.items() if one.error]
    unsure = f"; not asked: {', '.join(not_asked)}" if not_asked else ""
    if files:
        hosts = sum(bool(one.files) for one in found.values())
        on = f"{hosts} host{'s' if hosts > 1 else ''}"
        words = (
            f"stack {stack}: {files} file{'s' if files > 1 else ''} on {on} changed by hand{unsure}. To do:"
            " `hactl drift --repair`"
        )
        console.print(Text(words, style="yellow"), soft_wrap=True)
    else:
        told = "no drift" if all(one.clean for one in found.values()) else f"no drift where it could be seen{unsure}"
        console.print(Text(f"stack {stack}: {told}", style="red" if not_asked else "green"), soft_wrap=True)
