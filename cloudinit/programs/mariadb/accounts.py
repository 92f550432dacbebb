"""Databases, accounts and root's access made what the settings say, by DDL only: replication carries it to the other
servers.

What is given is JSON {"technical": [{"user", "hosts", "password", "privileges"}], "root_password": STRING or null,
"databases": {NAME:
{"character_set", "accounts": {USER: {"host", "password", "privileges": [NAME …] or "server_privileges": {DATABASE or
"*": [NAME …]}}}}}}. Looks first and says what it
changed; never a
secret. A privilege that is no longer declared is revoked, an account that is no longer declared is locked. No
database with content is
ever dropped.
"""

from __future__ import annotations

import re
from typing import Any

from account_memory import remember, remembered
from account_sql import (
    Account,
    Query,
    database_target,
    harden,
    native_hash,
    privileges,
    quote,
    settle_account,
    settle_root,
    shown_grants,
    stored,
)
from mha_common import Failure, only_one, say
from mha_sql import SqlError, connect
from mha_sql import query as run_query


def wanted_accounts(given: dict[str, Any]) -> list[Account]:
    """Every account once, with its privileges on all its databases. Raises Failure for a name that MariaDB would not
    take.
    """
    found: dict[tuple[str, str], Account] = {}
    for database, description in given.get("databases", {}).items():
        check_name("database", database, 64)
        for user, values in description.get("accounts", {}).items():
            check_name("account", user, 80)
            who = (user, values.get("host", "%"))
            before = found.get(who)
            if before and before.password != values["password"]:
                raise Failure(
                    f"account {user}@{who[1]} has different passwords in two databases",
                    todo="give it one, or use two accounts",
                )
            grants = {**(before.grants if before else {}), **wanted_grants(database, values)}
            found[who] = Account(*who, values["password"], grants)
    for values in given.get("technical", []):
        for host in values["hosts"]:
            found[(values["user"], host)] = Account(
                values["user"], host, values["password"], {"*.*": privileges(values["privileges"])}
            )
    return list(found.values())


def wanted_grants(database: str, values: dict[str, Any]) -> dict[str, frozenset[str]]:
    """On the database; of an account for a purpose elsewhere (`server_privileges`: by database, `*` for all)."""
    if (elsewhere := values.get("server_privileges")) is None:
        return {database_target(database): privileges(values["privileges"])}
    return {"*.*" if name == "*" else database_target(name): privileges(names) for name, names in elsewhere.items()}


def check_name(what: str, name: str, longest: int) -> None:
    if not re.fullmatch(rf"[A-Za-z0-9_$.@-]{{1,{longest}}}", name):
        raise Failure(f"{what} name {name!r} is refused", todo=f"letters, digits, _ $ . - only, at most {longest}")


def databases(query: Query, given: dict[str, Any]) -> list[str]:
    did = []
    existing = {
        str(name): str(charset)
        for name, charset in query("SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA")
    }
    for name, description in given.get("databases", {}).items():
        charset = description.get("character_set", "utf8mb4")
        if not re.fullmatch(r"[a-z0-9_]+", charset):
            raise Failure(f"database {name}: character set {charset!r} is refused", todo="utf8mb4, for instance")
        if name not in existing:
            query(f"CREATE DATABASE IF NOT EXISTS {quote(name)} CHARACTER SET {charset}")
            did.append(f"database {name} created ({charset})")
        elif existing[name] != charset:
            query(f"ALTER DATABASE {quote(name)} CHARACTER SET {charset}")
            did.append(f"database {name}: {charset} for new tables (was {existing[name]})")
    return did


def lock_undeclared(query: Query, wanted: list[Account], existing: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    """Accounts of an earlier declaration: their privileges go, nobody can log in; what they own stays."""
    did = []
    keep = {(account.user, account.host) for account in wanted}
    for user, host in sorted(remembered(query) - keep):
        if (user, host) in existing and (
            not existing[(user, host)].get("account_locked") or shown_grants(query, user, host)
        ):
            query("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@%s", (user, host))
            query("ALTER USER %s@%s ACCOUNT LOCK", (user, host))
            did.append(f"account {user}@{host} is no longer declared: locked, without privileges")
    return did


def settle(query: Query, given: dict[str, Any]) -> list[str]:
    wanted = wanted_accounts(given)
    did = databases(query, given)
    existing = stored(query)
    did += settle_root(query, given.get("root_password"), existing)
    remember(query, remembered(query) | {(account.user, account.host) for account in wanted})
    for account in wanted:
        did += settle_account(query, account, existing)
    did += lock_undeclared(query, wanted, existing)
    return did + harden(query, existing, set(given.get("databases", {})))


def apply_accounts(given: dict[str, Any]) -> None:
    """Make this server's accounts what is given, and say what was changed. Raises Failure without a secret in its
    words.
    """
    secrets = [account.password for account in wanted_accounts(given)] + [given.get("root_password") or ""]
    with only_one("accounts"):
        try:
            connection = connect(timeout=60)
            did = settle(lambda sql, arguments=(): run_query(connection, sql, arguments), given)
        except SqlError as error:
            words = str(error)
            for secret in filter(None, secrets):
                words = words.replace(secret, "…").replace(native_hash(secret), "…")
            raise Failure(
                f"MariaDB refused a statement: {words}",
                todo="correct the setting it names; running again goes on from there",
            ) from None
    for words in did or ["nothing to do"]:
        say(words)
