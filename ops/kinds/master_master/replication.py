"""What a server of the pair said of itself: its position, its replication, and whether a replica confirms its
writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.roles.promoter import Promoter as Promoter
from ops.roles.promoter import parse_promoter as parse_promoter

TIMED_OUT = 124


@dataclass(frozen=True, kw_only=True)
class Replication:
    """`error`: why there is nothing else; `slow`: it just did not come in time. `behind_s`: None where the replica
    does not run.
    """

    read_only: bool = False
    gtid: str = ""
    version: str = ""
    source: str = ""
    io: str = ""
    sql: str = ""
    trouble: str = ""
    behind_s: int | None = None
    confirms: bool = False
    semi_sync: bool = False
    unconfirmed_writes: int = 0
    error: str = ""
    slow: bool = False


def parse_replication(said: Mapping[str, Any]) -> Replication | None:
    """From what host-facts said; None on a host that was not asked. The text is that of `mariadb --batch`: a row of
    variables, SHOW ALL
    SLAVES STATUS as lines `name: value`, and the semi-sync status as rows."""
    found = said.get("master")
    if not found:
        return None
    lines = found["text"].splitlines()
    if found["code"] or len(lines) < 2:
        words = (found["text"].strip().splitlines() or ["no answer"])[0]
        return Replication(error=words, slow=found["code"] == TIMED_OUT)
    first = lines[1].split("\t")
    replica = {key.strip(): value.strip() for key, colon, value in (line.partition(":") for line in lines[2:]) if colon}
    status = {words[0]: words[1] for line in lines[2:] if len(words := line.split("\t")) == 2}
    behind = replica.get("Seconds_Behind_Master", "")
    errors = [
        f"error {replica[f'Last_{kind}_Errno']}: {replica.get(f'Last_{kind}_Error', '')}"
        for kind in ("SQL", "IO")
        if replica.get(f"Last_{kind}_Errno", "0") != "0" and replica.get(f"Slave_{kind}_Running") == "No"
    ]
    return Replication(
        read_only=first[0] == "1",
        gtid=first[1] if len(first) > 1 else "",
        version=first[2] if len(first) > 2 else "",
        source=replica.get("Master_Host", ""),
        io=replica.get("Slave_IO_Running", ""),
        sql=replica.get("Slave_SQL_Running", ""),
        trouble=errors[0] if errors else "",
        behind_s=int(behind) if behind.isdigit() else None,
        confirms=status.get("Rpl_semi_sync_master_status") == "ON"
        and status.get("Rpl_semi_sync_master_clients", "0") != "0",
        semi_sync="Rpl_semi_sync_master_status" in status,
        unconfirmed_writes=int(status.get("Rpl_semi_sync_master_no_tx", "0") or 0),
    )
