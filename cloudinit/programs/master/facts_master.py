"""Facts of one server of a master-master pair, as its own tools tell them. Part of host-facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mha_files import read_object

UNITS: Sequence[str] = ("mariadb",)
SQL = (
    "SELECT @@GLOBAL.read_only, @@GLOBAL.gtid_binlog_state, @@version; SHOW ALL SLAVES STATUS\\G"
    " SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync%'"
)


def commands() -> dict[str, Sequence[str]]:
    return {"master": ["mariadb", "--connect-timeout=30", "--batch", "-e", SQL]}


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    code, text = said("master")
    surplus = read_object("/var/lib/mariadb-ha/surplus/summary.json")
    stage = read_object("/var/lib/mariadb-ha/clone.json").get("stage", "")
    return {"master": {"code": code, "text": text, "surplus": surplus, "clone": stage}}
