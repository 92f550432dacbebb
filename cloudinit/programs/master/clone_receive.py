"""Getting the other server's data: asked for with a proof, received beside the data directory, and made ready
(mariadb.com/kb, mariadb-backup: --prepare). Nothing of this server is touched.
"""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import gtid
import surplus
from clone_place import free, fresh, incoming
from master_state import Config
from mha_common import Deadline, Failure, must, say
from replication_account import proof, recorded

PATIENCE = 24 * 3600.0


def line(connection: socket.socket) -> str:
    """One line, byte by byte: what follows belongs to the stream. Raises OSError."""
    found = b""
    while not found.endswith(b"\n"):
        if not (byte := connection.recv(1)):
            raise OSError("the connection was closed")
        found += byte
        if len(found) > 200:
            raise OSError("not an answer of the donor")
    return found.decode(errors="replace").strip()


def named(folder: Path, what: str) -> Path | None:
    """A file that mariadb-backup adds, whose name depends on its version."""
    files = (folder / f"{prefix}_{what}" for prefix in ("xtrabackup", "mariadb_backup"))
    return next((file for file in files if file.exists()), None)


def position(folder: Path) -> dict[tuple[int, int], int]:
    """By domain the last transaction in the copy (FILE, offset, GTIDs). Raises Failure."""
    file = named(folder, "binlog_info")
    words = file.read_text().split(None, 2) if file else []
    try:
        return gtid.parse(words[2]) if len(words) > 2 else {}
    except ValueError as error:
        raise Failure(f"what the copy says of its position cannot be used: {error}") from None


def stream(config: Config, folder: Path) -> None:
    """The other server's files. Raises Failure."""
    try:
        connection = socket.create_connection((config.peer_address, config.clone_port), timeout=30)
    except OSError as error:
        raise Failure(
            f"{config.peer} gives no data: port {config.clone_port} does not answer ({error})",
            todo=f"`systemctl status mariadb-ha-donor.socket` on {config.peer}",
        ) from None
    with connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 6)):
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
        try:
            nonce = line(connection)
            connection.sendall(f"{proof(recorded()['password'], nonce)}\n".encode())
            wanted = int(line(connection))
        except (OSError, ValueError) as error:
            raise Failure(
                f"{config.peer} gives no data: {error}",
                todo=f"`journalctl -u 'mariadb-ha-donor@*'` on {config.peer}",
            ) from None
        if free(folder) < wanted:
            raise Failure(
                f"the copy of {config.peer} needs up to {wanted >> 20} MiB beside what is here, and"
                f" {free(folder) >> 20} MiB are free",
                todo="make room: old data that was kept aside lies there, too",
            )
        say(f"receiving up to {wanted >> 20} MiB from {config.peer}")
        connection.settimeout(None)
        extract = ["mbstream", "--extract", f"--directory={folder}"]
        with subprocess.Popen(extract, stdin=connection.fileno(), stderr=subprocess.PIPE, text=True) as process:
            deadline = Deadline(PATIENCE)
            while True:
                try:
                    process.wait(5)
                    break
                except subprocess.TimeoutExpired:
                    deadline.note(f"{sum(one.lstat().st_blocks for one in folder.rglob('*')) >> 11} MiB received")
            words = process.stderr.read().strip().splitlines()[-2:] if process.stderr else []
        if process.returncode or not named(folder, "checkpoints") or not named(folder, "info"):
            raise Failure(
                f"the copy is not whole: {' / '.join(words) or 'the stream ended early'}; nothing was changed",
                todo=f"`journalctl -u 'mariadb-ha-donor@*'` on {config.peer}, then run again",
            )


def receive(config: Config) -> tuple[str, str]:
    """A copy that a server could be started on, in the place for it; `gtid_binlog_state` and `gtid_slave_pos` of it.
    Raises Failure.
    """
    folder = incoming(config.datadir)
    fresh(folder)
    before = surplus.peer_state(config)
    stream(config, folder)
    after, last = surplus.peer_state(config), position(folder)
    say("making the copy ready")
    must(["mariadb-backup", "--prepare", f"--target-dir={folder}"], todo="run again")
    must(["chown", "--recursive", "mysql:mysql", str(folder)])
    return gtid.words(gtid.state_at(last, before, after)), gtid.words(last)


def leftover(folder: Path) -> None:
    """What mariadb-backup itself has put beside the data, removed."""
    for file in folder.iterdir():
        if file.name.startswith(("xtrabackup_", "mariadb_backup_")) or file.name == "backup-my.cnf":
            file.unlink()
