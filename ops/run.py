"""What every command of hactl needs: the options common to all, the inventory, and a way to the hosts."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ops import inventory, outputs, paths
from ops.drill.power import Power, Switches
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell, Ssh
from ops.inventory import Inventory

#: Set when hactl already runs where the hosts can be reached.
INSIDE = "HACTL_INSIDE"
DEFAULT_STACK = "dev"
#: Columns where there is no terminal.
PIPE_WIDTH = 140


@dataclass
class Options:
    """Options that stand before the command."""

    stack: str | None = None
    json: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a command. `out` is for the answer, `err` for progress."""

    stack: str
    json: bool
    inventory: Inventory
    shell: Shell
    power: Power
    root: Path
    out: Console
    err: Console


def load_inventory(stack: str, root: Path) -> Inventory:
    """The inventory; when there is none, one attempt to write it from Pulumi's outputs.

    Raises:
        OpsError: there is none and none can be made.
    """
    path = paths.inventory_file(stack, root)
    if not path.exists():
        try:
            outputs.write_inventory(stack, root)
        except OpsError as error:
            raise OpsError(
                f"there is no inventory of stack {stack}, and none could be made: {error.what}", error.todo, error.code
            ) from None
    return inventory.load(path)


def through(known: Inventory, root: Path) -> list[str]:
    """The words before a command that has to run where the hosts can be reached; none where that is here."""
    if os.environ.get(INSIDE):
        return []
    # Paths are relative to the project's root, wherever the user stands.
    return [str(root / word) if "/" in word and (root / word).exists() else word for word in known.access.run]


def enter(known: Inventory, root: Path) -> None:
    """Starts this program anew, with its own arguments, through the inventory's `access.run`, when the hosts can only
    be reached that way. Returns only where they can."""
    prefix = through(known, root)
    if not prefix:
        return
    # env(1): sudo, if the prefix uses it, may not pass our environment on.
    python_path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    again = [sys.executable, *sys.orig_argv[1:]]
    words = [*prefix, "env", f"{INSIDE}=1", f"PYTHONPATH={python_path}", *again]
    try:
        os.execvp(words[0], words)  # noqa: S606
    except OSError as error:
        what = f"{prefix[0]}, by which the hosts are reached, cannot be run ({error.strerror})"
        raise OpsError(what, "run `make up` again, or correct access.run", Exit.UNREACHABLE) from None


def _output() -> Console:
    """Standard output; tables stay readable in a file or a pipe too."""
    console = Console(highlight=False)
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(highlight=False, width=PIPE_WIDTH)


def open_run(stack: str, json: bool, root: Path = paths.ROOT) -> Run:
    """Everything for a command that talks to hosts.

    Raises:
        OpsError: no usable inventory, or no way to the hosts.
    """
    known = load_inventory(stack, root)
    enter(known, root)
    err = Console(stderr=True, highlight=False)
    shell = Ssh(inventory=known, root=root, say=lambda words: err.print(words, markup=False, soft_wrap=True))
    return Run(
        stack=stack,
        json=json,
        inventory=known,
        shell=shell,
        power=Switches(inventory=known, shell=shell),
        root=root,
        out=_output(),
        err=err,
    )
