"""Endpoint and account of a client, from the stack's outputs with their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ops.errors import Exit, OpsError


@dataclass(frozen=True, kw_only=True)
class Login:
    """Where a client connects, and as whom."""

    host: str
    port: int
    database: str
    username: str
    password: str = field(repr=False)

    @property
    def variables(self) -> dict[str, str]:
        """For an application's environment."""
        user, password = quote(self.username, safe=""), quote(self.password, safe="")
        return {
            "DB_HOST": self.host,
            "DB_PORT": str(self.port),
            "DB_NAME": self.database,
            "DB_USER": self.username,
            "DB_PASSWORD": self.password,
            "DATABASE_URL": f"mysql://{user}:{password}@{self.host}:{self.port}/{quote(self.database, safe='')}",
        }

    @property
    def option_file(self) -> str:
        """For MariaDB's own clients (`--defaults-extra-file`)."""
        values = {"host": self.host, "port": self.port, "user": self.username, "password": self.password}
        lines = [f'{key}="{_escaped(str(value))}"' for key, value in values.items()]
        return "\n".join(["[client]", *lines, ""])


def _escaped(value: str) -> str:
    """Inside double quotes of an option file (mariadb.com/kb, configuring MariaDB with option files)."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def choose(
    outputs: Mapping[str, Any], *, stack: str, database: str | None, account: str | None, purpose: str = "writer"
) -> Login:
    """The login for a database and an account, each of which may be left out where there is only one.

    Args:
        outputs: the stack's, secrets in clear.
        stack: its name, for messages.
        purpose: the endpoint: `writer` or `reader`.

    Raises:
        OpsError: there is none, or several and none is named.
    """
    endpoint = outputs.get("endpoints", {}).get(purpose)
    if not endpoint:
        known = ", ".join(outputs.get("endpoints", {})) or "none"
        words = f"stack {stack} has no endpoint {purpose!r}; it has: {known}"
        raise OpsError(words, "name a stack with a database, or leave --reader out", Exit.REFUSED)
    name, found = _one(outputs.get("databases", {}), database, f"stack {stack}", "database", "databases")
    user, login = _one(found.get("accounts", {}), account, f"database {name}", "account", f"databases.{name}.accounts")
    return Login(
        host=endpoint["host"],
        port=int(endpoint["port"]),
        database=name,
        username=user,
        password=login["password"],
    )


def _one(found: Mapping[str, Any], wanted: str | None, whose: str, what: str, key: str) -> tuple[str, Any]:
    known = ", ".join(found)
    if not found:
        raise OpsError(f"{whose} has no {what}", f"add one to the settings ({key}), and `up`", Exit.REFUSED)
    if wanted is None and len(found) > 1:
        words = f"{whose} has several {what}s: {known}"
        raise OpsError(words, "name one" + (" with --account" if what == "account" else ""), Exit.REFUSED)
    name = wanted or next(iter(found))
    if name not in found:
        raise OpsError(f"{whose} has no {what} {name!r}; it has: {known}", "name one of these", Exit.REFUSED)
    return name, found[name]
