"""Taking a copy of another server's data in the place of an empty server's (mariadb.com/kb: mariadb-backup, setting up
a replica). The caller has seen that this server holds nothing of its own.

A copy that was cut short lies in a folder of its own and is thrown away by the next run; only a whole and prepared one
takes the place of the system tables that this host made itself. From then on the position lies beside the data, until
the replica follows.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from clone_talk import ANY, LINE, PATIENCE, STANDBY, answer
from mha_common import Failure, at, must, say
from mha_files import write_atomically
from server_unit import active, start, stop

#: In the data directory: the copy while it comes, the word that it takes the data's place, and the position it has.
COPY, SWAPPING, POSITION = ".mariadb-ha-clone", ".mariadb-ha-swapping", ".mariadb-ha-clone-position"
EMPTYING, FILLING = "the empty server's data goes", "the copy comes"
#: Names that mariadb-backup gave its position's file in turn.
POSITIONS = ("mariadb_backup_binlog_info", "xtrabackup_binlog_info")
TODO = "see `journalctl -u 'mariadb-ha-clone@*'` on the servers that are followed, then run again"


def pending(datadir: str) -> str | None:
    """The position of a copy that is in place and follows nobody yet; None where there is none."""
    file = at(datadir) / POSITION
    return file.read_text().strip() if file.exists() else None


def settled(datadir: str) -> None:
    """The replica follows: the position is its own business from now on."""
    (at(datadir) / POSITION).unlink(missing_ok=True)


def swap_left(datadir: str) -> bool:
    """A whole copy was being put in place when this host was interrupted."""
    return (at(datadir) / SWAPPING).exists()


def finish_swap(datadir: str) -> None:
    """Go on with it, the server stopped."""
    if active():
        stop()
    swap(at(datadir))


def clone(datadir: str, donors: Mapping[str, str], port: int, password: str) -> str:
    """The data of one of `donors` (addresses by name) in this server's data directory, the server running; its GTID
    position. Raises Failure.
    """
    folder = at(datadir)
    stop()
    copy = folder / COPY
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(mode=0o700)
    began = time.monotonic()
    try:
        donor = receive(copy, donors, port, password)
        must(["mariadb-backup", "--prepare", f"--target-dir={copy}"], todo=TODO)
        position = position_of(copy)
        write_atomically(copy / POSITION, position + "\n")
    except BaseException:
        shutil.rmtree(copy, ignore_errors=True)
        start()
        raise
    write_atomically(folder / SWAPPING, EMPTYING + "\n")
    swap(folder)
    start()
    say(f"copied from {donor} in {time.monotonic() - began:.0f} s, up to {position}")
    return position


def receive(copy: Path, donors: Mapping[str, str], port: int, password: str) -> str:
    """The stream of the first donor that gives one, unpacked; its name. One that takes no writes is asked first."""
    reasons: list[str] = []
    for whom in (STANDBY, ANY):
        for name, address in donors.items():
            try:
                connection = ask(address, port, password, whom)
            except (OSError, ValueError) as error:
                reasons.append(f"{name}: {error}")
                continue
            say(f"a copy comes from {name}")
            with connection:
                connection.setblocking(True)
                done = subprocess.run(["mbstream", "-x", "-C", str(copy)], stdin=connection.fileno(), check=False)
            whole = any((copy / info).exists() for info in POSITIONS) and (copy / "xtrabackup_checkpoints").exists()
            if done.returncode or not (whole or (copy / "mariadb_backup_checkpoints").exists()):
                raise Failure(f"the copy from {name} did not come whole", todo=TODO)
            return name
    raise Failure(f"nobody gives a copy of the data ({'; '.join(dict.fromkeys(reasons))})", todo=TODO)


def ask(address: str, port: int, password: str, whom: str) -> socket.socket:
    """The connection on which a copy comes next. Raises OSError, or ValueError with the giver's reason."""
    connection = socket.create_connection((address, port), timeout=PATIENCE)
    try:
        connection.sendall(f"{answer(password, read_line(connection))} {whom}\n".encode())
        if (said := read_line(connection)) != "OK":
            raise ValueError(said.removeprefix("NO: ") or "it ended without a word")
    except BaseException:
        connection.close()
        raise
    return connection


def read_line(connection: socket.socket) -> str:
    """One line, and no byte more: the stream follows it."""
    text = b""
    while not text.endswith(b"\n") and len(text) < LINE:
        if not (byte := connection.recv(1)):
            break
        text += byte
    return text.decode(errors="replace").strip()


def position_of(copy: Path) -> str:
    """The GTID position at which the copy was taken: file, offset and position, with blanks between."""
    for name in POSITIONS:
        if (copy / name).exists():
            words = (copy / name).read_text().split()
            return words[2] if len(words) > 2 else ""
    raise Failure("the copy does not say at which position it was taken", todo=TODO)


def swap(folder: Path) -> None:
    """The copy in the data's place. What lies there is an empty server's, made by this host: it goes first, all of it;
    then the copy comes. The word on the disk says how far it has come.
    """
    copy, word = folder / COPY, folder / SWAPPING
    if word.read_text().strip() == EMPTYING:
        for entry in folder.iterdir():
            if entry.name not in (COPY, SWAPPING, "lost+found"):
                remove(entry)
        write_atomically(word, FILLING + "\n")
    for entry in copy.iterdir() if copy.exists() else ():
        entry.rename(folder / entry.name)
    if copy.exists():
        copy.rmdir()
    user = pwd.getpwnam("mysql")
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(root) / name, user.pw_uid, user.pw_gid, follow_symlinks=False)
    word.unlink()


def remove(entry: Path) -> None:
    shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
