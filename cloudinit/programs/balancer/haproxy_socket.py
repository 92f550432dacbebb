"""haproxy asked over its socket (haproxy's management guide, `show stat`)."""

from __future__ import annotations

import csv
import socket

from mha_common import at

#: Seconds for an answer.
PATIENCE = 5.0


def ask(path: str, command: str) -> str:
    """The answer to one command. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(str(at(path)))
        connection.sendall(f"{command}\n".encode())
        said = b""
        while chunk := connection.recv(65536):
            said += chunk
    return said.decode(errors="replace")


def servers(text: str) -> list[dict[str, str]]:
    """Servers of all backends, a mapping of `show stat`'s columns each."""
    rows = csv.DictReader(text.removeprefix("# ").strip().splitlines())
    return [row for row in rows if row.get("svname") not in ("FRONTEND", "BACKEND", None)]


def usable(row: dict[str, str]) -> bool:
    """haproxy sends sessions there: it is up, or is not checked."""
    return row["status"].split()[0] in ("UP", "no")
