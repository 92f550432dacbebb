"""An empty data directory made into a server's (mariadb-install-db(1)). One that holds anything is left alone."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mha_common import Failure, must, run, say
from mha_files import make_file, open_folder

UNFINISHED = ".mariadb-ha-installing"


def make_datadir(datadir: Path) -> None:
    """System tables in an empty data directory; one whose making was cut short is made anew."""
    mark = datadir / UNFINISHED
    if mark.is_file() and not mark.is_symlink():
        # Its processes may have outlived the program; they hold the lock.
        with open_mark(datadir) as held:
            must(
                ["flock", "--wait", "120", held, "true"],
                todo="an earlier mariadb-install-db still runs: wait for its end, then run again",
            )
        say(f"{datadir}: its making was cut short, made anew")
        for entry in datadir.iterdir():
            if entry != mark:
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    elif (datadir / "mysql").is_dir():
        return
    elif content := [
        entry.name for entry in datadir.iterdir() if entry.name != "lost+found" and not entry.name.startswith("debian-")
    ]:
        raise Failure(
            f"{datadir} is not empty and not MariaDB's ({', '.join(sorted(content)[:5])}): left alone",
            todo="move it away, then run again",
        )
    else:
        with open_folder(datadir) as folder:
            os.close(make_file(folder, UNFINISHED, datadir))
    user = pwd.getpwnam("mysql")
    os.chown(datadir, user.pw_uid, user.pw_gid)
    say(f"{datadir}: making the system tables")
    with open_mark(datadir) as held:
        install = [
            "flock",
            held,
            "mariadb-install-db",
            "--user=mysql",
            f"--datadir={datadir}",
            "--auth-root-authentication-method=socket",
        ]
        done = run(
            [*install, "--skip-test-db", "--skip-name-resolve", "--force"]
        )  # --force: also where the host's name is not resolved
    if done.returncode:
        say((done.stdout + done.stderr).strip())
        raise Failure(
            f"mariadb-install-db ended with {done.returncode}",
            todo="look at the words above: disk full, or a setting that MariaDB refuses",
        )
    mark.unlink()


@contextmanager
def open_mark(datadir: Path) -> Iterator[str]:
    """The mark as a path for flock(1) that leads to this very file, whatever is put in its place meanwhile."""
    with open_folder(datadir) as folder:
        mark = os.open(UNFINISHED, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield f"/proc/{os.getpid()}/fd/{mark}"
    finally:
        os.close(mark)
