"""The volume that the data directory lies on: whether it is mounted. What lies there instead is nobody's data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mha_common import Failure, at, read_env
from mha_files import read_text, write_atomically

#: The mount point that the data directory lay on when the server was started last.
MOUNT = "/var/lib/mariadb-ha/data-mount"


def mount_points(path: str) -> list[str]:
    """The mount points in a file of fstab(5)'s form."""
    rows = [line.split() for line in read_text(path).splitlines() if not line.lstrip().startswith("#")]
    return [str(Path(row[1])) for row in rows if len(row) > 1]


def lies_on(datadir: str, points: Iterable[str]) -> list[str]:
    """Those of the mount points that the directory lies on, the root's left out; the nearest one last."""
    return sorted({point for point in points if point != "/" and Path(datadir).is_relative_to(point)}, key=len)


def missing_mount(datadir: str) -> str:
    """The volume that the data directory belongs on and that is not mounted: what lies there instead must not be taken
    for the data, nor for an empty node's. It is known from data-disk.env, from fstab, and from the last start of the
    server. Empty: nothing is missing.
    """
    wanted = lies_on(datadir, mount_points("/etc/fstab"))
    if at("/etc/mariadb-ha/data-disk.env").exists():
        wanted.append(read_env("/etc/mariadb-ha/data-disk.env").get("MOUNT", "/var/lib/mysql"))
    if remembered := read_text(MOUNT).strip():
        wanted += lies_on(datadir, [remembered])
    mounted = mount_points("/proc/self/mounts")
    return next((mount for mount in reversed(wanted) if mount not in mounted), "")


def refuse_missing_mount(datadir: str) -> None:
    """Raises Failure when the data directory's volume is not mounted."""
    if mount := missing_mount(datadir):
        words = (
            f"{datadir} lies on a volume of its own, and nothing is mounted on {mount}: what is there now is not the "
            "data, and it was not touched"
        )
        todo = f"mount it (`mount {mount}`; see `journalctl -b -u systemd-fsck*` where it fails), then run again"
        raise Failure(
            words, todo=f"{todo}; where the data has moved for good: take it out of /etc/fstab, and remove {MOUNT}"
        )


def remember_mount(datadir: str) -> None:
    """Keep in mind on which volume the data lies, at a start of the server."""
    now = next(iter(reversed(lies_on(datadir, mount_points("/proc/self/mounts")))), "")
    if now != read_text(MOUNT).strip():
        write_atomically(at(MOUNT), now + "\n")
