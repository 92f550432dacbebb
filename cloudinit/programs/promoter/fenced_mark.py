"""That the other host was powered off, for whoever asks next: the promoter and DRBD's handler. Below /run: a boot takes
it away. It is laid after the agent's success only, so that a program that is killed before leaves none, and the agent
is asked again.
"""

from __future__ import annotations

import json
import time

from mha_common import at, boot_id
from mha_files import read_object, write_atomically

NEVER = float("-inf")


def lay(name: str, host: str) -> None:
    """`host`, of the pair `name`, is without power now."""
    mark = {"host": host, "boot": boot(), "at": time.monotonic()}
    write_atomically(at(path(name)), json.dumps(mark) + "\n")


def laid_at(name: str, host: str) -> float:
    """When it was powered off last (time.monotonic, which is one clock for all programs of a boot); NEVER where it was
    not since this host has booted.
    """
    mark = read_object(path(name))
    moment = mark.get("at")
    mine = (mark.get("host"), mark.get("boot")) == (host, boot())
    return float(moment) if mine and isinstance(moment, int | float) and moment <= time.monotonic() else NEVER


def remove(name: str) -> None:
    """It has been heard since."""
    at(path(name)).unlink(missing_ok=True)


def path(name: str) -> str:
    return f"/run/mariadb-ha/{name}.fenced"


def boot() -> str:
    """Of this boot; empty where the kernel does not say."""
    try:
        return boot_id()
    except OSError:
        return ""
