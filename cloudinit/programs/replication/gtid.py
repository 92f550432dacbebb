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
    """As MariaDB writes it, and takes it for `gtid_binlog_state`: of a domain the last transaction comes last."""
    ordered = sorted(state.items(), key=lambda one: (one[0][0], one[1], one[0][1]))
    return ",".join(f"{domain}-{server}-{number}" for (domain, server), number in ordered)


def diverged(mine: State, theirs: State) -> bool:
    """In one domain each has what the other lacks: neither can follow the other. Domains run side by side."""
    return bool({key[0] for key in lacking(mine, theirs)} & {key[0] for key in lacking(theirs, mine)})


def common(mine: State, theirs: State) -> dict[tuple[int, int], int]:
    """By domain the last transaction that both have, where they have one. Numbers of a domain only grow (strict
    mode).
    """
    found: dict[int, tuple[int, int]] = {}
    for (domain, server), number in mine.items():
        both = min(number, theirs.get((domain, server), 0))
        if both and both > found.get(domain, (0, 0))[0]:
            found[domain] = both, server
    return {(domain, server): number for domain, (number, server) in found.items()}


def state_at(position: State, before: State, after: State) -> dict[tuple[int, int], int]:
    """`gtid_binlog_state` at a position between two looks at a server: that of a copy which was made between them.

    `position`: by domain the last transaction in the copy.
    """
    last = {domain: number for (domain, _), number in position.items()}
    found: dict[tuple[int, int], int] = {}
    for key, number in after.items():
        if number <= last.get(key[0], 0):
            found[key] = number
        elif before.get(key):
            found[key] = min(before[key], last.get(key[0], 0))
    return {key: number for key, number in {**found, **position}.items() if number}
