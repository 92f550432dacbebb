"""Facts of one server of a master-master pair, as its own tools tell them. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mha_files import read_object
from replica_facts import COMMAND

UNITS: Sequence[str] = ("mariadb", "mariadb-ha-master-watch")


def commands() -> dict[str, Sequence[str]]:
    return {"master": COMMAND}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, text = said("master")
    surplus = read_object("/var/lib/mariadb-ha/surplus/summary.json")
    stage = read_object("/var/lib/mariadb-ha/clone.json").get("stage", "")
    return {"master": {"code": code, "text": text, "surplus": surplus, "clone": stage}}
