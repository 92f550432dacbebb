"""The file system on the replicated device, as its label says: whether it is made, and whole. It is read from the disk
below, past the page cache, so that a Secondary can tell, too; and nothing is opened for writing.
"""

from __future__ import annotations

import mmap
import os

from drbd_state import Config
from mha_common import Failure, at, must

#: The label while what belongs on the file system is being laid on it, and once it is whole.
FORMING, FORMED = "mha-forming", "mha-drbd"
#: What is read: both superblocks lie in it.
SIZE = 4096


def label(config: Config) -> str | None:
    """The label of the file system of the wanted kind; None where there is none. Raises Failure."""
    head = read_head(config.disk)
    if config.filesystem == "ext4":
        return _text(head[1024 + 120 : 1024 + 136]) if head[1024 + 56 : 1024 + 58] == b"\x53\xef" else None
    return _text(head[108:120]) if head[:4] == b"XFSB" else None


def is_formed(config: Config) -> bool:
    return label(config) == FORMED


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode(errors="replace")


def read_head(disk: str) -> bytes:
    """The first bytes of a disk, as they are on it now (O_DIRECT)."""
    file = str(at(disk))
    for flags in (os.O_RDONLY | os.O_DIRECT, os.O_RDONLY):  # a file on a desk may know no O_DIRECT
        try:
            opened = os.open(file, flags)
        except OSError as error:
            reason = error.strerror
            continue
        try:
            with mmap.mmap(-1, SIZE) as room:
                return bytes(room[: os.readv(opened, [room])])
        except OSError as error:
            reason = error.strerror
        finally:
            os.close(opened)
    raise Failure(f"{disk} cannot be read: {reason}", todo="look at `dmesg`")


def set_label(config: Config, text: str) -> None:
    """On the device while it is Primary here and not mounted."""
    if config.filesystem == "ext4":
        must(["e2label", config.device, text])
    else:
        must(["xfs_admin", "-L", text, config.device])
