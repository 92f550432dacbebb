"""What a server that replicates said of itself: its position, its replication, and whether a replica confirms its
writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.status.finding import Finding

TIMED_OUT = 124
#: MariaDB's words for error 1040: it lives, and is full.
TOO_MANY = "Too many connections"


@dataclass(frozen=True, kw_only=True)
class Surplus:
    """Transactions that only this server has, as it saved them: `gtid` the last of them, `after` the last that both
    have, `file` on the host; `tables` with how many rows and some keys of them; `statements` some of those that are no
    rows."""

    gtid: str
    after: str
    file: str
    transactions: int = 0
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    statements: tuple[str, ...] = ()

    def words(self) -> str:
        """What they changed, in one sentence's part."""
        changed = [
            f"{table} ({one.get('rows', 0)} rows, keys {', '.join(one.get('keys', ())) or 'unknown'})"
            for table, one in self.tables.items()
        ]
        changed += [f"`{statement}`" for statement in self.statements]
        return "; ".join(changed) or "nothing that could be read"


@dataclass(frozen=True, kw_only=True)
class Replication:
    """`error`: why there is nothing else; `slow`: it just did not come in time. `behind_s`: None where the replica
    does not run. `surplus`: what only this server has, while it is in its history; `clone`: the stage of a copy that
    was cut short.
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
    surplus: Surplus | None = None
    clone: str = ""


def parse_replication(found: Mapping[str, Any] | None) -> Replication | None:
    """From what host-facts said of one kind of server; None on a host that was not asked. The text is that of
    `mariadb --batch`: a row of variables, SHOW ALL SLAVES STATUS as lines `name: value`, and the semi-sync status as
    rows."""
    if not found:
        return None
    lines = found["text"].splitlines()
    if found["code"] or len(lines) < 2:
        words = (found["text"].strip().splitlines() or ["no answer"])[0]
        return Replication(error=words, slow=found["code"] == TIMED_OUT, clone=found.get("clone", ""))
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
        surplus=_surplus(found.get("surplus", {}), first[1] if len(first) > 1 else ""),
        clone=found.get("clone", ""),
    )


def has(gtids: str, wanted: str) -> bool:
    """Whether a history (`gtid_binlog_state`) has these transactions."""
    known = {tuple(one.split("-")[:2]): int(one.split("-")[2]) for one in gtids.split(",") if one.count("-") == 2}
    return all(
        known.get(tuple(one.split("-")[:2]), 0) >= int(one.split("-")[2])
        for one in wanted.split(",")
        if one.count("-") == 2
    )


def _surplus(said: Mapping[str, Any], gtids: str) -> Surplus | None:
    """What the host has saved, while it is in its history."""
    if not said.get("gtid") or not has(gtids, said["gtid"]):
        return None
    return Surplus(
        gtid=said["gtid"],
        after=said.get("after", ""),
        file=said.get("file", ""),
        transactions=int(said.get("transactions", 0)),
        tables=said.get("tables", {}),
        statements=tuple(said.get("statements", ())),
    )


def server_findings(host: str, seen: Replication, *, peer: str) -> list[Finding]:
    """One server's replication."""
    if seen.error:
        full = TOO_MANY in seen.error
        return [
            Finding(
                host=host,
                what=f"MariaDB did not tell its state ({seen.error})",
                follows="whether it replicates is not known",
                todo="ask again, when it has room for a connection"
                if full
                else "ask again"
                if seen.slow
                else "systemctl status mariadb",
                severity="unknown" if seen.slow or full else "problem",
            )
        ]
    if seen.trouble:
        return [
            Finding(
                host=host,
                what=f"replication from {peer} has stopped: {seen.trouble}",
                follows="what is written there does not come here; nothing was skipped",
                todo="docs/runbook.md, replication has stopped",
            )
        ]
    if not seen.source:
        return [
            Finding(
                host=host,
                what=f"it does not replicate {peer}",
                follows="what is written there does not come here",
                todo="`pulumi up` sets it up",
            )
        ]
    if seen.io != "Yes" or seen.sql != "Yes":
        return [
            Finding(
                host=host,
                what=f"replication from {peer} does not run (IO {seen.io or 'No'}, SQL {seen.sql or 'No'})",
                follows="what is written there does not come here before it does",
                todo=f"see that MariaDB runs on {peer}; `START SLAVE` here where it was stopped by hand",
            )
        ]
    return []
