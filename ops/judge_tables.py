"""Tables that Galera does not replicate, or not safely: another engine than InnoDB, or no primary key.

Hook: run `SQL` on one Synced node (`mariadb --batch --skip-column-names`) and hand its output to `judge_tables`.
"""

from __future__ import annotations

from ops.problem import Problem

#: One line per table: schema, table, engine, and 1 where it has a primary key. Nothing of MariaDB's own, no views, no sequences.
SQL = """
SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.ENGINE, EXISTS (SELECT 1 FROM information_schema.TABLE_CONSTRAINTS c
 WHERE c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY')
FROM information_schema.TABLES t WHERE t.TABLE_TYPE = 'BASE TABLE'
 AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
ORDER BY 1, 2
""".strip().replace("\n", " ")
SHOWN = 5


def judge_tables(host: str, answer: str) -> list[Problem]:
    """Warnings about the tables in the SQL's `answer` (tab-separated). Lines that are not of its form are left out."""
    rows = [line.split("\t") for line in answer.splitlines()]
    found = [(f"{schema}.{table}", engine, keyed == "1") for schema, table, engine, keyed in (row for row in rows if len(row) == 4)]
    foreign = [f"{name} ({engine})" for name, engine, _ in found if engine.lower() != "innodb"]
    keyless = [name for name, engine, keyed in found if engine.lower() == "innodb" and not keyed]
    problems = []
    if foreign:
        problems.append(
            Problem(
                host=host,
                figure=f"{len(foreign)} of {len(found)} tables are not InnoDB: {_some(foreign)}",
                follows="Galera does not replicate their rows: each node has rows of its own, and a failover or a state transfer loses some",
                todo="ALTER TABLE … ENGINE=InnoDB, on the node that has the right rows",
                severity="warning",
            )
        )
    if keyless:
        problems.append(
            Problem(
                host=host,
                figure=f"{len(keyless)} of {len(found)} tables have no primary key: {_some(keyless)}",
                follows="DELETE on them is not supported by Galera, and rows may come in another order on another node",
                todo="ALTER TABLE … ADD PRIMARY KEY, with an AUTO_INCREMENT column where there is nothing better",
                severity="warning",
            )
        )
    return problems


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
