"""Copies of a server's data for new replicas: who gives them, and with what password."""

from __future__ import annotations

from plan.model import File
from plan.programs import program_files
from plan.render import render

SOCKET = "mariadb-ha-clone.socket"
PASSWORD = "/etc/mariadb-ha/clone.secret"  # noqa: S105  a path


def giver_files(*, port: int, password: str) -> tuple[File, ...]:
    """What a server gives copies with."""
    return (
        *program_files("clone"),
        File(path=PASSWORD, content=f"{password}\n", mode="0600", secret=True),
        File(
            path=f"/etc/systemd/system/{SOCKET}",
            content=render("clone/clone.socket.j2", port=port),
            on_change=("daemon-reload", f"try-restart {SOCKET}"),
        ),
        File(
            path="/etc/systemd/system/mariadb-ha-clone@.service",
            content=render("clone/clone.service.j2"),
            on_change=("daemon-reload",),
        ),
    )
