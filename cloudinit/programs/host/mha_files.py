"""Files as the programs write and read them: replaced in one step, no link of somebody else's followed."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mha_common import Failure, at


def read_object(path: str) -> dict[str, Any]:
    """A JSON object as this host keeps it in a file of our own; empty when there is none, or something else."""
    try:
        found = json.loads(at(path).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_atomically(file: Path, text: str, *, mode: int = 0o644, owner: tuple[int, int] | None = None) -> None:
    """Replace a file in one step, so that a power-cut leaves the old or the new one. `owner`: uid and gid.

    Follows no link below the folder, for another account may own that (the data directory): FILE.new is made anew,
    never opened, and a link in the place of `file` is replaced. Raises Failure when FILE.new cannot be made that way.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.name + ".new"
    with open_folder(file.parent) as folder:
        with os.fdopen(make_file(folder, new, file.parent), "w") as stream:
            os.fchmod(stream.fileno(), mode)
            if owner:
                os.fchown(stream.fileno(), *owner)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(new, file.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)  # the new name outlives a power-cut only then


@contextmanager
def open_folder(path: Path) -> Iterator[int]:
    """A directory's descriptor: what is done through it stays in that directory, whatever becomes of its path."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def make_file(folder: int, name: str, where: Path) -> int:
    """A new, empty file (0600) in the open `folder`; its descriptor.

    What has that name goes first: a link itself, not what it leads to.

    `where` is the folder's path, for the words. Raises Failure when a directory has the name, or somebody makes it
    again.
    """
    try:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder)
    except (FileExistsError, IsADirectoryError, PermissionError) as error:
        words = f"{where / name} cannot be made ({error.strerror}): nothing was changed"
        raise Failure(words, todo="look who made what has this name, and remove it") from None


def read_regular(file: Path) -> tuple[str, os.stat_result]:
    """Text and status of a file that another account may have put there: no link is followed, no pipe or device is
    waited for.

    Bytes that are not UTF-8 are replaced. Raises OSError, FileNotFoundError above all.
    """
    with os.fdopen(
        os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), errors="replace"
    ) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(file))
        return stream.read(), status


def read_text(path: str) -> str:
    """A file of root's; empty when there is none."""
    try:
        return at(path).read_text(errors="replace")
    except FileNotFoundError:
        return ""
