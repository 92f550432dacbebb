"""Where a clone arrives, where the old data directory is kept, and how one takes the other's place: by renaming, so
that a power cut at any moment leaves both whole.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

from mha_common import at, must

#: How far a clone has come, and what is needed to go on with it.
STATE = "/var/lib/mariadb-ha/clone.json"
#: There while a data directory is neither the old one nor the new one: mariadb.service does not start then.
MOVING = "/var/lib/mariadb-ha/clone.moving"
OURS, KEPT = ".mariadb-ha", ("lost+found",)
SYSTEM = {"mysql", "sys", "performance_schema", "test", *KEPT}


def beside(datadir: str) -> Path:
    """A folder on the data directory's own file system."""
    folder = at(datadir)
    if folder.stat().st_dev == folder.parent.stat().st_dev and not os.path.ismount(folder):
        return folder.parent / f"{folder.name}{OURS}"
    return folder / OURS


def incoming(datadir: str) -> Path:
    """Where a clone arrives."""
    return beside(datadir) / "incoming"


def new_aside(datadir: str) -> Path:
    """Where an old data directory is kept: a new name."""
    return beside(datadir) / f"aside-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"


def content(folder: Path) -> list[Path]:
    """What a data directory holds, our own folder left out."""
    return sorted(entry for entry in folder.iterdir() if entry.name not in (OURS, *KEPT))


def has_data(datadir: str) -> bool:
    """Whether it holds more than a new server's system tables: a database, or a binary log."""
    folder = at(datadir)
    if not folder.is_dir():
        return False
    return any(
        (entry.is_dir() and entry.name not in SYSTEM and not entry.name.startswith(("#", ".")))
        or entry.name.startswith("mariadb-bin.")
        for entry in folder.iterdir()
    )


def size_of(folder: Path) -> int:
    """Bytes on the disk, our own folder left out."""
    total = 0
    for entry in content(folder):
        for inner in [entry, *entry.rglob("*")] if entry.is_dir() else [entry]:
            try:
                total += inner.lstat().st_blocks * 512
            except OSError:
                continue
    return total


def free(folder: Path) -> int:
    """Free bytes of its file system."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def fresh(folder: Path) -> None:
    """An empty folder for root alone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)


def move(source: Path, goal: Path) -> None:
    """Rename; where the file system cannot (a folder of an overlay's lower layer), copy, and then remove. May be cut
    short at any moment and done again.
    """
    copying = goal.with_name(f"{goal.name}.copying")
    if not os.path.lexists(goal):
        try:
            source.rename(goal)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        shutil.rmtree(copying, ignore_errors=True)
        must(["cp", "--archive", "--no-target-directory", str(source), str(copying)], todo="make room, run again")
        copying.rename(goal)
    if source.is_dir() and not source.is_symlink():
        shutil.rmtree(source)
    else:
        source.unlink()


def move_all(source: Path, goal: Path) -> None:
    """Everything of a data directory to another folder."""
    goal.mkdir(parents=True, exist_ok=True, mode=0o700)
    for entry in content(source):
        if not entry.name.endswith(".copying"):
            move(entry, goal / entry.name)
    for folder in (source, goal):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
