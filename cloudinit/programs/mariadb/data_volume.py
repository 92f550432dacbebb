"""How full the volume of the data directory is: a server whose volume is full aborts at its next write."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mha_common import at

#: From this share on, new clients go to a server with more room; `hactl status` calls it a problem.
FULL = 0.97
#: MiB without which a server does not start: it would abort, and be started again, for ever.
LEAST_MIB = 64


def volume(datadir: str) -> dict[str, Any]:
    """Facts for /state: MiB in all and left for the server, and whether that counts as full; None where the folder
    cannot be asked for.
    """
    try:
        seen = os.statvfs(at(datadir))
    except OSError:
        return {"volume_mib": None, "volume_free_mib": None, "volume_full": False}
    unit = seen.f_frsize / 1024**2
    size, free = int(seen.f_blocks * unit), int(seen.f_bavail * unit)
    return {"volume_mib": size, "volume_free_mib": free, "volume_full": size > 0 and 1 - free / size >= FULL}


def in_words(datadir: str, state: Mapping[str, Any]) -> str:
    """`the volume of /var/lib/mysql is full: 12 of 2048 MiB left`."""
    left = f"{state['volume_free_mib']} of {state['volume_mib']} MiB left"
    return f"the volume of {datadir} is full: {left}"
