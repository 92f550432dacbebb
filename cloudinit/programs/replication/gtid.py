"""MariaDB's global transaction ids (mariadb.com/kb: GTID): who has what the other one lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: (domain, server id) to the last sequence number: what `gtid_binlog_state` says.
State = Mapping[tuple[int, int], int]


def parse(text: str) -> dict[tuple[int, int], int]:
    """`0-1-100,0-2-110`; the highest number of each pair. Raises ValueError for anything else."""
    found: dict[tuple[int, int], int] = {}
    for word in filter(None, re.split(r"[,\s]+", text)):
        match = re.fullmatch(r"(\d+)-(\d+)-(\d+)", word)
        if not match:
            raise ValueError(f"{word!r} is no GTID")
        key = int(match[1]), int(match[2])
        found[key] = max(found.get(key, 0), int(match[3]))
    return found


def lacking(mine: State, theirs: State) -> dict[tuple[int, int], int]:
    """What `theirs` has and `mine` has not, by (domain, server id): the last number there."""
    return {key: number for key, number in theirs.items() if number > mine.get(key, 0)}


def words(state: State) -> str:
    """As MariaDB writes it."""
    return ",".join(f"{domain}-{server}-{number}" for (domain, server), number in sorted(state.items()))


def diverged(mine: State, theirs: State) -> bool:
    """In one domain each has what the other lacks: neither can follow the other. Domains run side by side."""
    return bool({key[0] for key in lacking(mine, theirs)} & {key[0] for key in lacking(theirs, mine)})
