"""Facts of a host that may hold a VIP by its promoter's word: what the promoter says. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mha_common import read_env
from promoter_local import promoter_state

UNITS: Sequence[str] = ("mariadb-ha-promoter", "keepalived")


def commands() -> dict[str, Sequence[str]]:
    return {}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    port = int(read_env("/etc/mariadb-ha/promoter.env").get("PORT", "0"))
    return {"promoter": promoter_state(port)}
