"""Packages whose upgrade stops what clients use: a person upgrades them, host after host."""

from __future__ import annotations

from plan.model import File
from plan.render import render


def left_alone(part: str, patterns: tuple[str, ...]) -> File:
    """Unattended upgrades leave these packages alone (unattended-upgrades(8): Package-Blacklist).

    Args:
        part: whose packages they are; names the file.
        patterns: regular expressions (Python's) that a package's name begins with.
    """
    return File(path=f"/etc/apt/apt.conf.d/60mariadb-ha-{part}", content=render("packages/left-alone.j2", all=patterns))
