"""An empty data directory made into a server's (mariadb-install-db(1)). One that holds anything is left alone."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from mha_common import Failure, must, run, say

UNFINISHED = ".mariadb-ha-installing"


def make_datadir(datadir: Path) -> None:
    """System tables in an empty data directory; one whose making was cut short is made anew."""
    mark = datadir / UNFINISHED
    if mark.exists():
        # Its processes may have outlived the program; they hold the lock.
        must(
            ["flock", "--wait", "120", str(mark), "true"],
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
    mark.touch()
    user = pwd.getpwnam("mysql")
    os.chown(datadir, user.pw_uid, user.pw_gid)
    say(f"{datadir}: making the system tables")
    install = [
        "flock",
        str(mark),
        "mariadb-install-db",
        "--user=mysql",
        f"--datadir={datadir}",
        "--auth-root-authentication-method=socket",
        "--skip-test-db",
    ]
    done = run([*install, "--skip-name-resolve", "--force"])  # --force: also where the host's name is not resolved
    if done.returncode:
        say((done.stdout + done.stderr).strip())
        raise Failure(
            f"mariadb-install-db ended with {done.returncode}",
            todo="look at the words above: disk full, or a setting that MariaDB refuses",
        )
    mark.unlink()
