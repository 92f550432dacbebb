"""Facts of a host that carries a Galera arbitrator: its unit. That it votes is the nodes' word. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

UNITS: Sequence[str] = ("mariadb-ha-arbitrator",)


def commands() -> dict[str, Sequence[str]]:
    return {}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    return {}
