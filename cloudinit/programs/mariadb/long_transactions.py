"""Transactions that a planned change of servers would cut, and that take longer to roll back than clients wait."""

from __future__ import annotations

from mha_sql import SqlError, connect, query

#: Seconds.
LONG_TRANSACTION = 10
LONG = (
    "SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()), trx_rows_modified"
    " FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0"
    f" AND trx_started < NOW() - INTERVAL {LONG_TRANSACTION} SECOND"
)


def long_transaction() -> str:
    """The first of them in words, or that MariaDB does not answer; empty where there is none."""
    try:
        found = query(connect(timeout=5), LONG)
    except SqlError as error:
        return f"MariaDB does not answer: {error}"
    if not found:
        return ""
    thread, age, changed = found[0]
    return f"session {thread} has a transaction open for {age} s with {changed} rows changed, which would be cut"
