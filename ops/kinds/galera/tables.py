"""Tables that Galera does not replicate, or not safely: another engine than InnoDB, or no primary key."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from ops.hosts.facts import HostFacts
from ops.hosts.shell import Shell
from ops.kinds.galera.wsrep import Wsrep
from ops.status.finding import Finding

#: One line per table: schema, table, engine, and 1 where it has a primary key. Nothing of MariaDB's own, no views, no
#: sequences.
SQL = """
SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.ENGINE, EXISTS (SELECT 1 FROM information_schema.TABLE_CONSTRAINTS c
 WHERE c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY')
FROM information_schema.TABLES t WHERE t.TABLE_TYPE = 'BASE TABLE'
 AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
ORDER BY 1, 2
""".strip().replace("\n", " ")
SHOWN = 5
SYNCED = 4  # wsrep_local_state


def ask_tables(shell: Shell, facts: Mapping[str, HostFacts], nodes: Sequence[str]) -> list[Finding]:
    """Asks one Synced node. Without one nothing is asked: then that is what is wrong."""
    synced = (host for host in nodes if (seen := facts[host].part(Wsrep)) and seen.number("local_state") == SYNCED)
    if (host := next(synced, None)) is None:
        return []
    answer = shell.run(
        host,
        f"exec mariadb --connect-timeout=30 --batch --skip-column-names -e {shlex.quote(SQL)} </dev/null\n",
        timeout=60,
    )
    if answer.good:
        return table_findings(host, answer.out)
    words = (answer.error or answer.out).strip().splitlines()[-1:] or [f"code {answer.code}"]
    return [
        Finding(
            host=host,
            what=f"its tables could not be listed ({words[0]})",
            follows="whether there are any that Galera does not replicate is not known",
            todo="run `hactl status` again; if it stays, look at the tables on that host: `sudo mariadb`",
            severity="warning",
        )
    ]


def table_findings(host: str, answer: str) -> list[Finding]:
    """Warnings about the tables in the SQL's `answer` (tab-separated). Lines that are not of its form are left out."""
    rows = [line.split("\t") for line in answer.splitlines()]
    found = [
        (f"{schema}.{table}", engine, keyed == "1")
        for schema, table, engine, keyed in (row for row in rows if len(row) == 4)
    ]
    foreign = [f"{name} ({engine})" for name, engine, _ in found if engine.lower() != "innodb"]
    keyless = [name for name, engine, keyed in found if engine.lower() == "innodb" and not keyed]
    found_wrong = []
    if foreign:
        found_wrong.append(
            Finding(
                host=host,
                what=f"{len(foreign)} of {len(found)} tables are not InnoDB: {_some(foreign)}",
                follows="Galera does not replicate their rows: each node has rows of its own, and a failover or a "
                "state transfer loses some",
                todo="ALTER TABLE … ENGINE=InnoDB, on the node that has the right rows",
                severity="warning",
            )
        )
    if keyless:
        found_wrong.append(
            Finding(
                host=host,
                what=f"{len(keyless)} of {len(found)} tables have no primary key: {_some(keyless)}",
                follows="DELETE on them is not supported by Galera, and rows may come in another order on another node",
                todo="ALTER TABLE … ADD PRIMARY KEY, with an AUTO_INCREMENT column where there is nothing better",
                severity="warning",
            )
        )
    return found_wrong


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
