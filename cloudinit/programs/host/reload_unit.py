"""A unit that reads a folder of files: started, or reloaded when they are newer than what it has read."""

from __future__ import annotations

import hashlib

from mha_common import at, must, run, say
from mha_files import write_atomically


def digest(folder: str) -> str:
    """Of every file below the folder that the unit may read."""
    total = hashlib.sha256()
    for file in sorted(at(folder).rglob("*")):
        if file.is_file() and not file.name.endswith((".old", ".new")):
            total.update(str(file).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def active(unit: str) -> bool:
    return "ActiveState=active" in run(["systemctl", "show", unit, "-p", "ActiveState"], timeout=60).stdout.splitlines()


def bring_up(unit: str, folder: str) -> bool:
    """Start or reload; False when there was nothing to do."""
    known = at(f"/run/mariadb-ha/{unit.removesuffix('.service')}.sha256")
    now, running = digest(folder), active(unit)
    if running and known.exists() and known.read_text() == now:
        return False
    must(["systemctl", "reload" if running else "start", unit], todo=f"`journalctl -u {unit}`")
    say(f"{unit} {'reloaded' if running else 'started'}")
    write_atomically(known, now)
    return True
