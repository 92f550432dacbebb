"""Databases and accounts of the settings, as the program that makes them reads them."""

from __future__ import annotations

from typing import Any

from plan.context import Context
from settings.databases import PURPOSES, Account


def databases(context: Context, component: str) -> dict[str, Any]:
    """Databases by name with their accounts. Secret: it holds passwords."""
    return {
        name: {
            "character_set": database.character_set,
            "accounts": {
                user: {
                    "host": account.host,
                    "password": account_password(context, component, name, user),
                    **_rights(account),
                }
                for user, account in database.accounts.items()
            },
        }
        for name, database in context.settings.databases.items()
    }


def _rights(account: Account) -> dict[str, Any]:
    if account.purpose == "application":
        return {"privileges": list(account.privileges)}
    return {"server_privileges": {where: list(names) for where, names in PURPOSES[account.purpose].items()}}


def account_password(context: Context, component: str, database: str, user: str) -> str:
    """An account's password in one component: its own setting, else derived from the stack secret."""
    given = context.settings.databases[database].accounts[user].password
    return given.get_secret_value() if given else context.secrets.password("account-password", f"{component}/{user}")
