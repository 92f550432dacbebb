"""Facts of a host that may hold a VIP by the word of its health agent. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from watched_vip import watched_vip

UNITS: Sequence[str] = ("mariadb-ha-vip-watch", "keepalived")


def commands() -> dict[str, Sequence[str]]:
    return {}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    mine = watched_vip()
    return {"watched_vip": {"eligible": mine.eligible, "why": mine.why} if mine else None}
