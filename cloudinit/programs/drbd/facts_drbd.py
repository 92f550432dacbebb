"""Facts of a DRBD host, as its kernel tells them. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drbd_label import label
from drbd_state import PROC, load_config, mounted
from drbd_verified import kept
from mha_common import Failure, at

UNITS: Sequence[str] = ("mariadb", "mariadb-ha-drbd")


def commands() -> dict[str, Sequence[str]]:
    return {}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    config = load_config()
    try:
        text = at(PROC).read_text()
    except OSError as error:
        text = f"{PROC}: {error.strerror}"
    try:
        found = label(config)
    except Failure as failure:
        found = failure.what
    seen = {"proc": text, "minor": config.minor, "label": found, "mounted": mounted(config)}
    return {"drbd": {**seen, "verified": kept()}}
