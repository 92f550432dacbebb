"""What applications find when the cluster serves: databases and accounts."""

from __future__ import annotations

from pydantic import Field, SecretStr

from settings.base import Settings, form

#: What MariaDB takes when it is quoted, without what the command line, files and GRANT would read as something else.
DATABASE_NAME = r"[A-Za-z0-9_$][A-Za-z0-9_$-]{0,63}"
ACCOUNT_NAME = r"[A-Za-z0-9_$][A-Za-z0-9_$.@-]{0,79}"


class Account(Settings):
    """A login with rights on one database."""

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
