"""The disk below the replicated device: DRBD's metadata is laid only on one that carries nothing at all
(blkid(8), wipefs(8), drbdmeta-8.4(8)).
"""

from __future__ import annotations

from pathlib import Path

from drbd_state import Config
from mha_common import Deadline, Failure, at, must, pause, run, say

BLANK, OURS = "blank", "drbd"


def wait_for(disk: str, *, seconds: float = 30.0) -> None:
    """Until udev has made the device node. Raises Failure."""
    deadline = Deadline(seconds)
    while not at(disk).exists():
        if deadline.over():
            raise Failure(f"the disk {disk} is not there", todo="attach it, or correct the setting `disk`")
        pause(0.5)


def users(disk: str) -> str:
    """What uses the disk now, other than DRBD: a mount, swap, LVM, RAID; empty when nothing does."""
    real = Path(disk).resolve()
    for file, what in (("/proc/self/mounts", "is mounted on {}"), ("/proc/swaps", "is swap")):
        for line in at(file).read_text().splitlines() if at(file).exists() else ():
            words = line.split()
            if words and words[0].startswith("/dev/") and Path(words[0]).resolve() == real:
                return what.format(words[1] if len(words) > 1 else "")
    holders = at(f"/sys/class/block/{real.name}/holders")
    found = sorted(each.name for each in holders.iterdir()) if holders.is_dir() else []
    other = [name for name in found if not name.startswith("drbd")]
    parts = sorted(each.parent.name for each in at(f"/sys/class/block/{real.name}").glob("*/partition"))
    if other:
        return f"carries {', '.join(other)}"
    return f"has partitions ({', '.join(parts)})" if parts else ""


def signatures(disk: str) -> dict[str, str]:
    """What blkid and wipefs find: TYPE, UUID, LABEL …; empty only when both find nothing at all. Raises Failure."""
    found = run(["blkid", "-p", "-o", "export", str(at(disk))], timeout=60)
    if found.returncode not in (0, 2, 8):
        raise Failure(f"{disk} cannot be read: {found.stderr.strip()}", todo="look at `dmesg`")
    values = dict(line.split("=", 1) for line in found.stdout.splitlines() if "=" in line)
    values.pop("DEVNAME", None)
    rows = must(["wipefs", "-n", "-p", str(at(disk))], timeout=60).splitlines()
    rows = [row for row in rows if row and not row.startswith("#")]
    if rows and not values:
        values["TYPE"] = ", ".join(sorted({row.split(",")[-1] for row in rows}))
    return values


def has_metadata(config: Config) -> bool:
    """Whether DRBD's own metadata lies at the disk's end."""
    command = ["drbdmeta", "--force", str(config.minor), "v08", str(at(config.disk)), "internal", "get-gi"]
    return run(command, stdin="", timeout=60).returncode == 0


def kind(config: Config) -> str:
    """BLANK or OURS. Raises Failure for a disk that carries anything else, naming it; nothing was touched."""
    if used := users(config.disk):
        raise Failure(
            f"{config.disk} {used}: it is somebody else's, and was not touched",
            todo="name a spare disk, partition or logical volume",
        )
    found = signatures(config.disk)
    if has_metadata(config):
        return OURS
    if not found:
        return BLANK
    words = " ".join(
        filter(None, [found.get("TYPE") or found.get("PTTYPE"), found.get("LABEL") and f"label {found['LABEL']}"])
    )
    uuid = found.get("UUID", "")
    if config.overwrite and uuid == config.overwrite:
        must(["wipefs", "--all", str(at(config.disk))])
        say(f"{config.disk}: {words}, UUID {uuid} erased, as the settings say")
        return BLANK
    raise Failure(
        f"{config.disk} carries something ({words}{f', UUID {uuid}' if uuid else ''}): it was not touched",
        todo="name a spare disk"
        + (
            f"; to destroy what is on it write `overwrite: {uuid}` for {config.host}"
            if uuid
            else ", or erase it yourself"
        ),
    )


def make_metadata(config: Config) -> None:
    """create-md on a blank disk. drbdmeta asks where it finds data; nobody answers, and it refuses then."""
    must(
        ["drbdadm", "create-md", config.name],
        stdin="",
        todo=f"its words say what it found on {config.disk}; nothing was written",
    )
    say(f"{config.disk}: blank, metadata of DRBD made")
