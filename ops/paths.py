"""Where hactl finds and keeps things of this checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Where hosts have their programs.
PROGRAMS = "/usr/local/lib/mariadb-ha"


def state_dir(stack: str, root: Path = ROOT) -> Path:
    """The stack's private files: inventory, SSH key, histories of drills."""
    return root / ".state" / stack


def inventory_file(stack: str, root: Path = ROOT) -> Path:
    """The stack's outputs without secrets."""
    return state_dir(stack, root) / "inventory.json"


def drills_dir(stack: str, root: Path = ROOT) -> Path:
    """Histories and results of drills, one pair of files each."""
    return state_dir(stack, root) / "drills"
