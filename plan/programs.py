"""Static programs of the servers: `cloudinit/programs/ROLE`, laid side by side on a host."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from plan.model import File
from plan.render import LIB, ROOT

PROGRAMS = ROOT / "cloudinit" / "programs"


@cache
def _texts(role: str) -> tuple[tuple[str, str], ...]:
    """Name and text of each program in a role's folder, its rooms included."""
    files = (file for file in (PROGRAMS / role).rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return tuple((file.name, file.read_text()) for file in sorted(files, key=lambda file: file.name))


def program_path(name: str) -> str:
    """Where a program lies on a host."""
    return f"{LIB}/{name}"


def program_files(role: str, *, on_change: Mapping[str, tuple[str, ...]] | None = None) -> tuple[File, ...]:
    """All programs of a role, and the modules that they import, as files of a host.

    Args:
        role: the folder's name.
        on_change: by program what is done after it has changed.
    """
    return tuple(
        File(
            path=program_path(name),
            content=text,
            mode="0644" if Path(name).suffix == ".py" else "0755",
            on_change=(on_change or {}).get(name, ()),
        )
        for name, text in _texts(role)
    )
