"""Facts of a replica, as its own tools tell them. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from replica_facts import COMMAND

UNITS: Sequence[str] = ("mariadb",)


def commands() -> dict[str, Sequence[str]]:
    return {"replica": COMMAND}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, text = said("replica")
    return {"replica": {"code": code, "text": text}}
