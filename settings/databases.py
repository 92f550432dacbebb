"""What applications find when the cluster serves: databases and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr

from settings.base import Settings, form

#: What MariaDB takes when it is quoted, without what the command line, files and GRANT would read as something else.
DATABASE_NAME = r"[A-Za-z0-9_$][A-Za-z0-9_$-]{0,63}"
ACCOUNT_NAME = r"[A-Za-z0-9_$][A-Za-z0-9_$.@-]{0,79}"


#: Rights of an account by its purpose: by database, `*` for the whole server (mariadb.com/kb: GRANT; mariadb-backup and
#: mariadb-dump: privileges; mysqld_exporter's README). A replica reads the binary log, and nothing else.
PURPOSES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "monitoring": {"*": ("PROCESS", "BINLOG MONITOR", "SLAVE MONITOR"), "performance_schema": ("SELECT",)},
    "backup": {
        "*": (
            "RELOAD", "PROCESS", "LOCK TABLES", "BINLOG MONITOR", "SLAVE MONITOR",
            "SELECT", "SHOW VIEW", "TRIGGER", "EVENT",
        )
    },
    "replica": {"*": ("REPLICATION SLAVE", "BINLOG MONITOR")},
}  # fmt: skip


class Account(Settings):
    """A login with rights on one database, or with those that a purpose needs on the server."""

    purpose: Literal["application", "monitoring", "backup", "replica"] = Field(
        default="application",
        description="`monitoring`, `backup` (mariadb-backup and mariadb-dump) and `replica` (a server that follows) get"
        " the rights that these need on the server, and none to change data, in place of `privileges`.",
    )
    privileges: tuple[str, ...] = Field(
        default=("ALL PRIVILEGES",), min_length=1, description="Granted on the database (mariadb.com/kb: GRANT)."
    )
    host: str = Field(default="%", min_length=1, max_length=255, description="Client hosts: address, pattern or `%`.")
    password: SecretStr | None = Field(
        default=None, description="None: derived from the stack secret and given as an output."
    )


class Database(Settings):
    """One database and its accounts by name."""

    character_set: str = Field(
        default="utf8mb4",
        pattern=r"^[a-z0-9]+$",
        json_schema_extra=form("lower-case letters and digits, such as utf8mb4"),
        description="Default character set.",
    )
    accounts: dict[str, Account] = Field(default={}, description="Accounts by user name.")

    def applications(self) -> tuple[str, ...]:
        """Accounts that may use the database."""
        return tuple(name for name, account in self.accounts.items() if account.purpose == "application")
