"""galera-accounts: which statements bring which server to what is declared; nothing to do the second time; no secret in
any word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import accounts
import pytest
from account_sql import ON_DATABASE, ON_SERVER, Query, database_target, native_hash, privileges
from mha_common import Failure

from tests.programs.conftest import Desk, load

GIVEN: dict[str, Any] = {
    "sst": {"user": "mariadb_ha_sst", "password": "sst-pa55"},
    "root_password": "root-pa55",
    "databases": {
        "app_x": {
            "character_set": "utf8mb4",
            "accounts": {"app": {"host": "%", "password": "it's 100% se%cret", "privileges": ["select", "INSERT"]}},
        }
    },
}


class Mariadb:
    """As much of a server as accounts need: it keeps what the statements say and shows it as MariaDB does."""

    def __init__(self) -> None:
        self.databases: dict[str, str] = {"mysql": "utf8mb4", "sys": "utf8mb3"}
        self.users: dict[tuple[str, str], dict[str, Any]] = {
            ("root", "localhost"): {
                "plugin": "mysql_native_password",
                "authentication_string": "invalid",
                "auth_or": [{}, {"plugin": "unix_socket"}],
            },
            ("mysql", "localhost"): {
                "plugin": "mysql_native_password",
                "authentication_string": "invalid",
                "auth_or": [{}, {"plugin": "unix_socket"}],
            },
            ("PUBLIC", ""): {"is_role": True},
        }
        self.grants: dict[tuple[str, str], dict[str, set[str]]] = {}
        self.statements: list[str] = []
        self.tables_in_test = False
        self.revoked: list[tuple[str, set[str]]] = []
        self.only_here: set[str] = set()
        self.remembered: set[tuple[str, str]] | None = None

    def query(self, sql: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        text = sql % tuple("'" + str(value).replace("'", "''") + "'" for value in arguments) if arguments else sql
        if sql.startswith(("SELECT", "SHOW")):
            return self.show(sql, arguments)
        self.statements.append(text)
        self.change(text, arguments)
        return []

    def show(self, sql: str, arguments: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if "TABLE_SCHEMA = 'mariadb_ha'" in sql:
            return [] if self.remembered is None else [(1,)]
        if "FROM mariadb_ha.accounts" in sql:
            return list(self.remembered or ())
        if "global_priv" in sql:
            return [(user, host, json.dumps(value)) for (user, host), value in self.users.items()]
        if "DEFAULT_CHARACTER_SET_NAME" in sql:
            return list(self.databases.items())
        if "SCHEMATA" in sql:
            return [(1,)] if "test" in self.databases else []
        if "TABLES" in sql:
            return [(1,)] if self.tables_in_test else []
        if sql.startswith("SHOW GRANTS"):
            user, host = arguments
            granted = self.grants.get((user, host), {})
            lines = (
                [] if "*.*" in granted else [f"GRANT USAGE ON *.* TO `{user}`@`{host}` IDENTIFIED BY PASSWORD '*HASH'"]
            )
            for target, names in granted.items():
                option = " WITH GRANT OPTION" if "GRANT OPTION" in names else ""
                lines.append(
                    f"GRANT {', '.join(sorted(names - {'GRANT OPTION'}))} ON {target} TO `{user}`@`{host}`{option}"
                )
            return [(line,) for line in lines]
        return []

    def change(self, text: str, arguments: tuple[Any, ...]) -> None:
        who = tuple(arguments[:2])
        if "mariadb_ha.accounts" in text:
            self.remembered = (self.remembered or set()) | ({who} if "INSERT" in text else set())
        elif text.startswith("CREATE DATABASE IF NOT EXISTS mariadb_ha"):
            self.databases["mariadb_ha"] = "utf8mb4"
        elif text.startswith(("CREATE DATABASE", "ALTER DATABASE")):
            self.databases[re.findall("`(.+?)`", text)[0]] = text.split()[-1]
        elif text.startswith("DROP DATABASE"):
            del self.databases["test"]
        elif text.startswith("DROP USER"):
            del self.users[who]
        elif text.startswith("ALTER USER 'root'"):
            part = {"plugin": "mysql_native_password", "authentication_string": arguments[0]}
            self.users[("root", "localhost")] = {**part, "auth_or": [{"plugin": "unix_socket"}, {}]}
        elif "ACCOUNT" in text:
            self.users[who]["account_locked"] = "UNLOCK" not in text
        elif text.startswith(("CREATE USER", "ALTER USER")):
            self.users[who] = {"plugin": "mysql_native_password", "authentication_string": arguments[2]}
        elif match := re.match(r"GRANT (.+) ON (\S+) TO", text):
            self.grants.setdefault(who, {}).setdefault(match[2], set()).update(match[1].split(", "))
        elif text.startswith("REVOKE ALL PRIVILEGES, GRANT OPTION FROM"):
            self.grants[who] = {}
        elif match := re.match(r"REVOKE (?!ALL PRIVILEGES,)(.+) ON (\S.*) FROM", text):
            had = self.grants[who][match[2]]
            names = set(re.split(r", (?![^(]*\))", match[1]))
            if "ALL PRIVILEGES" in had and "ALL PRIVILEGES" not in names and names != {"GRANT OPTION"}:
                had |= ON_SERVER if match[2] == "*.*" else ON_DATABASE | self.only_here
                had.discard("ALL PRIVILEGES")
            had -= names
            self.revoked.append((match[2], set(had)))
            if not self.grants[who][match[2]]:
                del self.grants[who][match[2]]
        else:
            raise AssertionError(text)


Settle = Callable[[Query, dict[str, Any]], list[str]]


@pytest.fixture
def settle(desk: Desk) -> Settle:
    """What galera-accounts does with its standard input, once it is sure that its node is Synced."""
    program = load("galera-accounts")
    return lambda query, given: accounts.settle(query, program.with_sst(given))


@pytest.fixture
def server(desk: Desk) -> Mariadb:
    return Mariadb()


def changed(**databases: Any) -> dict[str, Any]:
    return {**GIVEN, "databases": {**GIVEN["databases"], **databases}}


def test_fresh_server_then_nothing(settle: Settle, server: Mariadb) -> None:
    did = settle(server.query, GIVEN)
    assert server.databases["app_x"] == "utf8mb4"
    assert server.grants[("app", "%")] == {"`app\\_x`.*": {"SELECT", "INSERT"}}
    assert server.grants[("mariadb_ha_sst", "localhost")] == {
        "*.*": {"RELOAD", "PROCESS", "LOCK TABLES", "BINLOG MONITOR"}
    }
    assert server.users[("app", "%")]["authentication_string"] == native_hash("it's 100% se%cret")
    assert any("created" in words for words in did)
    server.statements.clear()
    assert settle(server.query, GIVEN) == []
    assert server.statements == []


def test_no_word_and_no_statement_holds_a_password(settle: Settle, server: Mariadb) -> None:
    did = settle(server.query, GIVEN)
    for secret in ("sst-pa55", "root-pa55", "se%cret"):
        assert not any(secret in text for text in [*did, *server.statements])


def test_root_keeps_its_socket(settle: Settle, server: Mariadb) -> None:
    settle(server.query, GIVEN)
    assert any("IDENTIFIED VIA unix_socket OR mysql_native_password" in text for text in server.statements)
    server.statements.clear()
    settle(server.query, {**GIVEN, "root_password": None})
    assert server.users[("root", "localhost")]["authentication_string"] == "invalid"


def test_password_that_changed(settle: Settle, server: Mariadb) -> None:
    settle(server.query, GIVEN)
    account = {**GIVEN["databases"]["app_x"]["accounts"]["app"], "password": "new"}
    did = settle(server.query, changed(app_x={"character_set": "utf8mb4", "accounts": {"app": account}}))
    assert did == ["password of app@% changed"]


def test_privileges_no_longer_declared_are_revoked(settle: Settle, server: Mariadb) -> None:
    settle(server.query, GIVEN)
    server.grants[("app", "%")]["*.*"] = {"SUPER"}
    server.grants[("app", "%")]["`other`.*"] = {"ALL PRIVILEGES", "GRANT OPTION"}
    account = {**GIVEN["databases"]["app_x"]["accounts"]["app"], "privileges": ["SELECT", "DELETE"]}
    settle(server.query, changed(app_x={"character_set": "utf8mb4", "accounts": {"app": account}}))
    assert server.grants[("app", "%")] == {"`app\\_x`.*": {"SELECT", "DELETE"}}


@pytest.mark.parametrize("only_here", [set(), {"SHOW CREATE ROUTINE"}])
def test_all_privileges_to_few_without_a_moment_between(settle: Settle, server: Mariadb, only_here: set[str]) -> None:
    """What is meant to stay is there after each statement. A newer server's ALL holds a right that is unknown here."""
    server.only_here = only_here
    account = {**GIVEN["databases"]["app_x"]["accounts"]["app"], "privileges": ["ALL"]}
    settle(server.query, changed(app_x={"character_set": "utf8mb4", "accounts": {"app": account}}))
    assert server.grants[("app", "%")] == {"`app\\_x`.*": {"ALL PRIVILEGES"}}
    settle(server.query, GIVEN)
    assert server.grants[("app", "%")] == {"`app\\_x`.*": {"SELECT", "INSERT"}}
    assert server.revoked
    assert all({"SELECT", "INSERT"} <= left for _, left in server.revoked)
    server.statements.clear()
    assert settle(server.query, GIVEN) == []


def test_all_on_the_server_given_by_hand_to_an_account_of_the_stack(settle: Settle, server: Mariadb) -> None:
    settle(server.query, GIVEN)
    needed = set(server.grants[("mariadb_ha_sst", "localhost")]["*.*"])
    server.grants[("mariadb_ha_sst", "localhost")]["*.*"] = {"ALL PRIVILEGES", "GRANT OPTION"}
    settle(server.query, GIVEN)
    assert server.grants[("mariadb_ha_sst", "localhost")] == {"*.*": needed}
    assert all(needed <= left for target, left in server.revoked if target == "*.*")


def test_account_no_longer_declared_is_locked_and_comes_back(settle: Settle, server: Mariadb) -> None:
    settle(server.query, GIVEN)
    without = changed(app_x={"character_set": "utf8mb4", "accounts": {}})
    did = settle(server.query, without)
    assert did == ["account app@% is no longer declared: locked, without privileges"]
    assert server.users[("app", "%")]["account_locked"]
    assert settle(server.query, without) == []
    assert "account app@% unlocked" in settle(server.query, GIVEN)
    assert "app_x" in server.databases


def test_another_server_locks_it_too(desk: Desk, settle: Settle, server: Mariadb) -> None:
    """What was declared is known wherever the data is: the next change may be made on any server."""
    settle(server.query, GIVEN)
    for file in desk.root.joinpath("var/lib/mariadb-ha").glob("*"):
        file.unlink()
    did = settle(server.query, changed(app_x={"character_set": "utf8mb4", "accounts": {}}))
    assert did == ["account app@% is no longer declared: locked, without privileges"]


def test_what_an_earlier_version_remembered_in_a_file_counts(desk: Desk, settle: Settle, server: Mariadb) -> None:
    desk.write("/var/lib/mariadb-ha/accounts.json", json.dumps([["old", "%"]]))
    server.users[("old", "%")] = {"plugin": "mysql_native_password"}
    assert "account old@% is no longer declared: locked, without privileges" in settle(server.query, GIVEN)
    assert server.remembered is not None and ("old", "%") in server.remembered


def test_it_is_remembered_before_it_is_made(settle: Settle, server: Mariadb) -> None:
    """Killed in between, the account does not exist yet; the other way round nobody would ever lock it."""
    settle(server.query, GIVEN)
    order = [number for number, text in enumerate(server.statements) if "'app'" in text]
    assert "INSERT IGNORE INTO mariadb_ha.accounts" in server.statements[order[0]]


def test_rights_on_columns_and_routines_given_by_hand_are_taken_back_in_order(settle: Settle, server: Mariadb) -> None:
    """They are shown in a form of their own: `up` must read it, and name them as they are."""
    settle(server.query, GIVEN)
    by_hand = {"`app_x`.`t`": {"SELECT (`Id`, `a%b`)", "INSERT"}, "PROCEDURE `app_x`.`p`": {"EXECUTE"}}
    server.grants[("app", "%")] |= {target: set(names) for target, names in by_hand.items()}
    did = settle(server.query, GIVEN)
    assert server.grants[("app", "%")] == {"`app\\_x`.*": {"SELECT", "INSERT"}}
    assert any("SELECT (`Id`, `a%b`)" in words for words in did)


def test_hardening(settle: Settle, server: Mariadb) -> None:
    server.users[("", "localhost")] = {}
    server.users[("root", "127.0.0.1")] = {}
    server.databases["test"] = "latin1"
    did = settle(server.query, GIVEN)
    assert ("", "localhost") not in server.users
    assert ("root", "127.0.0.1") not in server.users
    assert ("mysql", "localhost") in server.users, "the health agent logs in as mysql"
    assert "test" not in server.databases
    assert any("test" in words for words in did)


def test_a_test_database_with_content_is_kept(settle: Settle, server: Mariadb) -> None:
    server.databases["test"] = "latin1"
    server.tables_in_test = True
    did = settle(server.query, GIVEN)
    assert "test" in server.databases
    assert any("left alone" in words for words in did)


def test_one_account_on_two_databases(settle: Settle, server: Mariadb) -> None:
    account = GIVEN["databases"]["app_x"]["accounts"]["app"]
    settle(server.query, changed(other={"character_set": "latin1", "accounts": {"app": account}}))
    assert set(server.grants[("app", "%")]) == {"`app\\_x`.*", "`other`.*"}
    with pytest.raises(Failure, match="different passwords"):
        settle(server.query, changed(other={"accounts": {"app": {**account, "password": "x"}}}))


@pytest.mark.parametrize("name", ["my-app", "2024", "$x", "a_b"])
def test_names_that_need_quotes(settle: Settle, server: Mariadb, name: str) -> None:
    account = {"host": "%", "password": "p", "privileges": ["SELECT"]}
    settle(server.query, {"databases": {name: {"accounts": {"r-o.1@x": account}}}})
    assert name in server.databases
    assert server.grants[("r-o.1@x", "%")] == {database_target(name): {"SELECT"}}
    assert settle(server.query, {"databases": {name: {"accounts": {"r-o.1@x": account}}}}) == []


@pytest.mark.parametrize("name", ["a`b", "a;b", "", "x" * 65, "a b", "a/b"])
def test_names_that_mariadb_would_not_take(settle: Settle, server: Mariadb, name: str) -> None:
    with pytest.raises(Failure, match="refused"):
        settle(server.query, {"databases": {name: {"accounts": {}}}})
    assert server.statements == []


def test_wildcards_are_taken_literally() -> None:
    assert database_target("a_b%c") == "`a\\_b\\%c`.*"
    assert privileges(["replication  client", "all"]) == {"BINLOG MONITOR", "ALL PRIVILEGES"}
    assert native_hash("geheim") == "*462366917EEDD1970A48E87D8EF59EB67D2CA26F"


def test_not_synced_is_refused(desk: Desk) -> None:
    done = desk.run("galera-accounts", stdin=json.dumps(GIVEN), MHA_SOCKET="/nowhere")
    assert done.returncode == 1
    assert "not Synced" in done.stderr
    assert "pa55" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("server_wide", "expected"),
    [
        ({"*": ["PROCESS", "SLAVE MONITOR"], "performance_schema": ["SELECT"]},
            {"*.*": {"PROCESS", "SLAVE MONITOR"}, "`performance\\_schema`.*": {"SELECT"}}),
        ({"*": ["REPLICATION SLAVE"]}, {"*.*": {"REPLICATION SLAVE"}}),
    ],
)  # fmt: skip
def test_an_account_for_a_purpose_has_no_right_on_the_database(
    settle: Settle, server: Mariadb, server_wide: dict[str, list[str]], expected: dict[str, set[str]]
) -> None:
    account = {"host": "%", "password": "p", "server_privileges": server_wide}
    given = changed(app_x={"character_set": "utf8mb4", "accounts": {"watch": account}})
    settle(server.query, given)
    assert server.grants[("watch", "%")] == expected
    assert settle(server.query, given) == []
