#!/usr/bin/python3
"""The data directory when a stack goes: kept and labelled, or emptied on demand. Nothing else touches it."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path

from mha_common import Failure, at, read_env, say
from mha_files import make_file, open_folder, read_object, read_regular, write_atomically

RETAINED = "/var/lib/mariadb-ha/retained.json"
PURGING = ".mariadb-ha-purging"
#: What the roles of this host run by.
ENVS = "/etc/mariadb-ha"
SIGNS = ("mysql", "ibdata1", "grastate.dat", "aria_log_control")


def data_directory(stack: str) -> str:
    """Where this host's database lies, from what its role runs by, else from what an earlier run kept; empty on a host
    without one.
    """
    if found := role_words("DATADIR"):
        return found[0]
    kept = retained()
    return kept.get("datadir", "") if kept.get("stack") == stack else ""


def own_disks() -> list[str]:
    """Disks that a role keeps its data on without the file system of this host; nothing here touches them."""
    return role_words("DISK")


def role_words(key: str) -> list[str]:
    """What the roles of this host run by says for a key, each value once."""
    envs = sorted(env.name for env in at(ENVS).glob("*.env"))
    return list(dict.fromkeys(word for env in envs if (word := read_env(f"{ENVS}/{env}").get(key, ""))))


def retained() -> dict[str, str]:
    return read_object(RETAINED)


def content(datadir: str) -> list[Path]:
    """What lies in it; a file system's own lost+found does not count."""
    folder = at(datadir)
    return (
        sorted(entry for entry in folder.iterdir() if entry.name != "lost+found") if datadir and folder.is_dir() else []
    )


def size_mib(datadir: str) -> int:
    total = 0
    for folder, _, names in os.walk(at(datadir)):
        for name in names:
            try:
                total += (Path(folder) / name).lstat().st_blocks * 512
            except OSError:
                continue
    return total >> 20


def cluster_uuid(datadir: str) -> str:
    """The Galera cluster that the data belongs to (grastate.dat)."""
    try:
        text, _ = read_regular(at(datadir) / "grastate.dat")
    except OSError:
        return ""
    found = re.search(r"^uuid:\s*([0-9a-f-]{36})\s*$", text, re.MULTILINE)
    return found[1] if found else ""


def label(datadir: str, *, stack: str, host: str) -> None:
    """Write down whose data is left behind. Later preflights read it."""
    words = {
        "stack": stack,
        "host": host or retained().get("host", ""),
        "cluster_uuid": cluster_uuid(datadir),
        "datadir": datadir,
    }
    if {key: value for key, value in retained().items() if key != "at"} != words:
        write_atomically(
            at(RETAINED), json.dumps({**words, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}) + "\n"
        )


def refuse_doubtful(datadir: str) -> None:
    """Raises Failure unless the directory can only be a MariaDB data directory that nobody uses."""
    path = Path(datadir)
    if not path.is_absolute() or ".." in path.parts or len(path.parts) < 4:
        raise Failure(f"{datadir!r} does not look like a data directory: left alone", todo="empty it yourself")
    folder = at(datadir).resolve()
    if not any((folder / name).exists() for name in (*SIGNS, PURGING)):
        raise Failure(
            f"{datadir} holds something, but not MariaDB's data: left alone",
            todo="look what it is and empty it yourself",
        )
    mounts = [
        Path(line.split()[1]) for line in at("/proc/self/mounts").read_text().splitlines() if len(line.split()) > 1
    ]
    if below := [str(mount) for mount in mounts if mount != folder and mount.is_relative_to(folder)]:
        raise Failure(f"{below[0]} is mounted below {datadir}: left alone", todo="unmount it, then run again")
    here = folder.stat()
    for process in at("/proc").glob("[0-9]*"):
        try:
            now = (process / "cwd").stat()
            name = (process / "comm").read_text().strip()
        except OSError:
            continue
        if (now.st_dev, now.st_ino) == (here.st_dev, here.st_ino):
            raise Failure(
                f"the process {process.name} ({name}) still works in {datadir}: left alone",
                todo="stop it, then run again",
            )


def purge(datadir: str) -> None:
    """Empty it. The mark is the last to go, so that a purge that was cut short is known as one."""
    refuse_doubtful(datadir)
    mark = at(datadir) / PURGING
    amount = size_mib(datadir)
    with open_folder(at(datadir)) as folder:
        os.close(make_file(folder, PURGING, at(datadir)))
    for entry in content(datadir):
        if entry == mark:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    mark.unlink()
    at(RETAINED).unlink(missing_ok=True)
    say(f"{datadir}: emptied ({amount} MiB)")
