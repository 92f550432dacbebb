"""Accounts and their privileges as MariaDB shows them, and the statements that make them what they should be.

mariadb.com/kb: GRANT, SHOW GRANTS, CREATE USER, Authentication Plugin - Unix Socket. Only DDL: it is replicated by
Galera, unlike rows written to the system tables.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Query = Callable[..., list[tuple[Any, ...]]]
#: What ALL PRIVILEGES stands for on a database, and on the whole server (MariaDB 10.11; mariadb.com/kb: GRANT).
ON_DATABASE = frozenset((
    "ALTER", "ALTER ROUTINE", "CREATE", "CREATE ROUTINE", "CREATE TEMPORARY TABLES", "CREATE VIEW", "DELETE",
    "DELETE HISTORY", "DROP", "EVENT", "EXECUTE", "INDEX", "INSERT", "LOCK TABLES", "REFERENCES", "SELECT",
    "SHOW VIEW", "TRIGGER", "UPDATE",
))  # fmt: skip
ON_SERVER = ON_DATABASE | frozenset((
    "BINLOG ADMIN", "BINLOG MONITOR", "BINLOG REPLAY", "CONNECTION ADMIN", "CREATE TABLESPACE", "CREATE USER",
    "FEDERATED ADMIN", "FILE", "PROCESS", "READ_ONLY ADMIN", "RELOAD", "REPLICATION MASTER ADMIN",
    "REPLICATION SLAVE", "REPLICATION SLAVE ADMIN", "SET USER", "SHOW DATABASES", "SHUTDOWN", "SLAVE MONITOR",
    "SUPER",
))  # fmt: skip
SAME = {"ALL": "ALL PRIVILEGES", "REPLICATION CLIENT": "BINLOG MONITOR", "DELETE VERSIONING ROWS": "DELETE HISTORY"}


@dataclass(frozen=True)
class Account:
    """An account as it should be; `grants` maps a target (`*.*`, `` `db`.* ``) to privileges."""

    user: str
    host: str
    password: str
    grants: Mapping[str, frozenset[str]]

    @property
    def label(self) -> str:
        return f"{self.user}@{self.host}"


def native_hash(password: str) -> str:
    """mysql_native_password: * and SHA1(SHA1(password)); the server then never sees the password itself."""
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()  # noqa: S324  the server's own scheme


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def database_target(name: str) -> str:
    """All tables of one database; `_` and `%` are wildcards in GRANT and have to be taken literally."""
    return quote(name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")) + ".*"


def privileges(names: list[str]) -> frozenset[str]:
    """As SHOW GRANTS spells them; columns of a privilege (``SELECT (`a`, `b`)``) stay as they are."""
    found = set()
    for name in names:
        words, bracket, columns = name.partition("(")
        upper = " ".join(words.upper().split())
        found.add(f"{upper} ({columns}" if bracket else SAME.get(upper, upper))
    return frozenset(found)


def stored(query: Query) -> dict[tuple[str, str], dict[str, Any]]:
    """(user, host) to mysql.global_priv's description."""
    return {
        (str(user), str(host)): json.loads(text)
        for user, host, text in query("SELECT User, Host, Priv FROM mysql.global_priv")
    }


def shown_grants(query: Query, user: str, host: str) -> dict[str, frozenset[str]]:
    """Target to privileges, from SHOW GRANTS; GRANT OPTION counts as a privilege of its own."""
    found: dict[str, frozenset[str]] = {}
    for (line,) in query("SHOW GRANTS FOR %s@%s", (user, host)):
        if match := re.match(r"GRANT (.+?) ON (\S.*?) TO [`'\"]", str(line)):
            listed = re.split(r", (?![^(]*\))", match[1])
            names = privileges([name for name in listed if name != "USAGE"])
            if "WITH GRANT OPTION" in str(line)[match.end() :]:
                names |= {"GRANT OPTION"}
            if names:
                found[match[2]] = names
    return found


def settle_account(query: Query, account: Account, existing: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    """Create the account or correct its password and privileges; what was changed, in words without secrets."""
    did = []
    who = (account.user, account.host)
    now = existing.get(who)
    digest = native_hash(account.password)
    if now is None:
        query("CREATE USER IF NOT EXISTS %s@%s IDENTIFIED BY PASSWORD %s", (*who, digest))
        did.append(f"account {account.label} created")
    else:
        if (
            now.get("plugin") != "mysql_native_password"
            or now.get("authentication_string") != digest
            or "auth_or" in now
        ):
            query("ALTER USER %s@%s IDENTIFIED BY PASSWORD %s", (*who, digest))
            did.append(f"password of {account.label} changed")
        if now.get("account_locked"):
            query("ALTER USER %s@%s ACCOUNT UNLOCK", who)
            did.append(f"account {account.label} unlocked")
    return did + settle_grants(query, *who, account.grants, shown_grants(query, *who))


def settle_grants(
    query: Query, user: str, host: str, wanted: Mapping[str, frozenset[str]], now: Mapping[str, frozenset[str]]
) -> list[str]:
    """Grant what is missing first, revoke what is not declared after: no moment without what is meant to be there."""
    did = []
    for target, names in wanted.items():
        have = now.get(target, frozenset())
        if missing := names - have:
            option = " WITH GRANT OPTION" if "GRANT OPTION" in missing else ""
            listed = ", ".join(sorted(missing - {"GRANT OPTION"})) or "USAGE"
            query(f"GRANT {listed} ON {target.replace('%', '%%')} TO %s@%s{option}", (user, host))
            did.append(f"{user}@{host}: granted {listed}{option} on {target}")
    for target, have in now.items():
        stays = wanted.get(target, frozenset())
        extra = have - stays
        if "ALL PRIVILEGES" in stays:
            extra &= {"GRANT OPTION"}
        if extra:
            revoke(query, user, host, target, one_by_one(target, extra, stays))
            did.append(f"{user}@{host}: revoked {', '.join(sorted(extra))} on {target}")
            # A newer server knows more of them: what it shows now goes as well.
            if "ALL PRIVILEGES" in extra and stays:
                left = shown_grants(query, user, host).get(target, frozenset()) - stays
                if left and "ALL PRIVILEGES" not in left:
                    revoke(query, user, host, target, left)
    return did


def one_by_one(target: str, extra: frozenset[str], stays: frozenset[str]) -> frozenset[str]:
    """ALL PRIVILEGES by their names where some are to stay: revoking ALL would take these along for a moment."""
    if "ALL PRIVILEGES" not in extra or not stays:
        return extra
    every = ON_SERVER if target == "*.*" else ON_DATABASE
    return extra - {"ALL PRIVILEGES"} | (every - stays)


def revoke(query: Query, user: str, host: str, target: str, names: frozenset[str]) -> None:
    """ALL PRIVILEGES and GRANT OPTION do not go into one statement."""
    for group in filter(None, (names - {"GRANT OPTION"}, names & {"GRANT OPTION"})):
        listed = ", ".join(sorted(group)).replace("%", "%%")
        query(f"REVOKE {listed} ON {target.replace('%', '%%')} FROM %s@%s", (user, host))


def settle_root(query: Query, password: str | None, existing: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    """root only at localhost, by its socket, or by password where one is given."""
    did = []
    now = existing.get(("root", "localhost"), {})
    digest = native_hash(password) if password else "invalid"
    parts = [now, *now.get("auth_or", [])]
    by_socket = any(part.get("plugin") == "unix_socket" for part in parts)
    strings = {part.get("authentication_string") for part in parts if part.get("authentication_string")}
    if not by_socket or strings != {digest}:
        query("ALTER USER 'root'@'localhost' IDENTIFIED VIA unix_socket OR mysql_native_password USING %s", (digest,))
        did.append("root@localhost: by its socket" + (" or by password" if password else " only"))
    return did


def harden(query: Query, existing: Mapping[tuple[str, str], Mapping[str, Any]], declared: set[str]) -> list[str]:
    """What mariadb-secure-installation does: no anonymous account, no root from elsewhere, no test database."""
    did = []
    for user, host in existing:
        if (user == "" and host) or (user == "root" and host != "localhost"):
            query("DROP USER IF EXISTS %s@%s", (user, host))
            did.append(f"account '{user}'@'{host}' removed")
    for database, host in query("SELECT Db, Host FROM mysql.db WHERE User = ''"):
        query(f"REVOKE ALL PRIVILEGES ON {quote(str(database)).replace('%', '%%')}.* FROM ''@%s", (host,))
        did.append(f"everybody's access to {database} revoked")
    if "test" not in declared and query("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'test'"):
        if query("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'test' LIMIT 1"):
            did.append("database test is not declared but holds tables: left alone")
        else:
            query("DROP DATABASE IF EXISTS test")
            did.append("empty database test removed")
    return did
