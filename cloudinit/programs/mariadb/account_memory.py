"""Which accounts the stack has made: a table in a schema of its own, so that it is known wherever the data is, and
whichever server makes the next change. Servers of an earlier version remembered in a file of their own.
"""

from __future__ import annotations

import json

from account_sql import Query
from mha_common import at

SCHEMA = "mariadb_ha"
FILE = "/var/lib/mariadb-ha/accounts.json"
Who = tuple[str, str]


def in_table(query: Query) -> set[Who]:
    """(user, host) of each."""
    if not query(
        f"SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{SCHEMA}' AND TABLE_NAME = 'accounts'"
    ):
        return set()
    return {(str(user), str(host)) for user, host in query(f"SELECT user, host FROM {SCHEMA}.accounts")}


def remembered(query: Query) -> set[Who]:
    """What was ever declared, here or on another server."""
    file = at(FILE)
    before = {(user, host) for user, host in json.loads(file.read_text())} if file.exists() else set()
    return in_table(query) | before


def remember(query: Query, accounts: set[Who]) -> None:
    """Before they are made: an account that nobody remembers would never be locked."""
    missing = sorted(accounts - in_table(query))
    if not missing:
        return
    query(f"CREATE DATABASE IF NOT EXISTS {SCHEMA} CHARACTER SET utf8mb4")
    query(
        f"CREATE TABLE IF NOT EXISTS {SCHEMA}.accounts (user VARCHAR(80) NOT NULL, host VARCHAR(255) NOT NULL,"
        " PRIMARY KEY (user, host)) ENGINE=InnoDB COLLATE utf8mb4_bin"
    )
    for who in missing:
        query(f"INSERT IGNORE INTO {SCHEMA}.accounts (user, host) VALUES (%s, %s)", who)
