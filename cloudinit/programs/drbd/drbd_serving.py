"""The ordered way from Secondary to serving, and back: `drbdadm primary`, check, mount, MariaDB. Each step looks
first, so that a way that was cut short is gone on with.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from drbd_label import is_formed
from drbd_state import Config, look, mounted, set_role
from mha_common import Deadline, Failure, at, must, pause, run, say

MARIADB = "mariadb.service"
#: Seconds that MariaDB gets for an orderly end when the VIP has gone; then it is killed, which InnoDB survives.
STOP = 10.0
#: Seconds for a file system to become free of processes before they are killed.
BUSY = 3.0
UNFINISHED = ".mariadb-ha-installing"


def make_primary(config: Config) -> None:
    """Never with force: a refusal is the kernel's word that the other host may still write, or that data is missing."""
    seen = look(config)
    if seen is None:
        raise Failure(f"{config.device} is not set up", todo="systemctl start mariadb-ha-drbd")
    if seen.role != "Primary":
        set_role(config, "primary")
        say(f"{config.device} is Primary")


def mount(config: Config) -> None:
    """The file system, checked where its journal asks for it."""
    if mounted(config):
        return
    if not is_formed(config):
        raise Failure(f"{config.device} has no file system that is whole yet", todo="pulumi up makes it")
    if config.filesystem == "ext4":
        done = run(["fsck.ext4", "-p", config.device])
        if done.returncode not in (0, 1):
            words = " / ".join((done.stdout + done.stderr).strip().splitlines()[-3:])
            raise Failure(
                f"fsck.ext4 -p {config.device} ended with {done.returncode}: {words}",
                todo="save the device (dd) before anything else, then `fsck.ext4` by hand",
            )
    at(config.mount).mkdir(parents=True, exist_ok=True)
    must(
        ["mount", "-t", config.filesystem, "-o", "noatime", config.device, config.mount],
        todo="`dmesg` says what the kernel found",
    )
    say(f"{config.device} is mounted on {config.mount}")


def own_datadir(config: Config) -> None:
    """Two hosts may know the account mysql by different numbers."""
    user = pwd.getpwnam("mysql")
    now = at(config.mount).stat()
    if (now.st_uid, now.st_gid) == (user.pw_uid, user.pw_gid):
        return
    for folder, _, files in os.walk(at(config.mount)):
        for path in (folder, *(f"{folder}/{file}" for file in files)):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    say(f"{config.mount}: owned by this host's mysql")


def unit_state() -> str:
    """MariaDB's ActiveState."""
    return run(["systemctl", "show", "-p", "ActiveState", "--value", MARIADB], timeout=10).stdout.strip()


def start_mariadb(config: Config) -> None:
    """Begin its start; a data directory that is not whole is left alone."""
    datadir = at(config.mount)
    if not (datadir / "mysql").is_dir() or (datadir / UNFINISHED).exists():
        raise Failure(f"{config.mount} holds no whole data directory", todo="pulumi up makes it")
    own_datadir(config)
    run(["systemctl", "reset-failed", MARIADB], timeout=10)
    must(["systemctl", "start", "--no-block", MARIADB], todo="`journalctl -u mariadb`")
    say("MariaDB starts")


def stop_mariadb() -> None:
    """In order while it keeps to STOP, else hard: what it has acknowledged is on the device."""
    if unit_state() in ("inactive", "failed"):
        return
    done = run(["systemctl", "stop", MARIADB], timeout=STOP)
    if done.returncode:
        say(f"MariaDB has not ended after {STOP:g} s: stopped hard")
        run(["systemctl", "kill", "--signal=SIGKILL", MARIADB], timeout=10)
        done = run(["systemctl", "stop", MARIADB], timeout=STOP)
        if done.returncode:
            raise Failure("MariaDB does not end", todo="`journalctl -u mariadb`; a disk that hangs holds it")
    say("MariaDB has ended")


def unmount(config: Config) -> None:
    """Processes that keep the file system busy are ended."""
    deadline = Deadline(BUSY)
    while mounted(config):
        done = run(["umount", config.mount], timeout=60)
        if not done.returncode:
            say(f"{config.mount} is unmounted")
            continue
        if deadline.over():
            run(["fuser", "--kill", "--mount", config.mount], timeout=10)
            done = run(["umount", config.mount], timeout=60)
            if done.returncode:
                words = f"{config.mount} stays mounted: {done.stderr.strip()}"
                raise Failure(words, todo=f"`fuser -vm {config.mount}`")
        pause(0.2)


def make_secondary(config: Config) -> None:
    seen = look(config)
    if seen and seen.role == "Primary":
        set_role(config, "secondary")
        say(f"{config.device} is Secondary")


def is_mountpoint(path: str) -> bool:
    return Path(path).is_mount()
