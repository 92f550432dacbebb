"""The program that is asked on each host to learn its state, and its answer: one JSON object (cloudinit/programs/host-facts)."""

from __future__ import annotations

import json
from typing import Any

from ops.shell import Answer

PROGRAM = "/usr/local/lib/mariadb-ha/host-facts"

#: Its presence takes the node out of service; its text is the reason.
DRAINING = "/var/lib/mariadb-ha/draining"

#: One process in the place of the shell. A host that has not got it yet is told from one where it fails.
SCRIPT = f"[ -x {PROGRAM} ] || exit 127\nexec {PROGRAM}\n"
#: The exit code for a host that has no such program.
MISSING = 127

UNITS = {
    "director": ("keepalived", "mariadb-ha-ipvs-sync"),
    "galera": ("mariadb", "mariadb-ha-agent"),
    "realserver": ("mariadb-ha-lvsdr",),
}


def said(answer: Answer) -> dict[str, Any] | None:
    """The object that the program printed; None when what came is none."""
    try:
        found = json.loads(answer.out)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "clock" in found else None


def complaint(answer: Answer) -> str:
    """Why the program, which was started, printed no object."""
    lines = [line.strip() for line in (answer.error or answer.out).splitlines() if line.strip()]
    return f"host-facts ended with code {answer.code}: {lines[-1] if lines else 'it said nothing'}"
