"""Accounts: names, rights, hosts and passwords of applications' logins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import IPv6Address

from settings.databases import ACCOUNT_NAME, Account
from settings.encrypted import ENCRYPTED
from settings.problem import Problem, quote
from settings.rules.databases import DRILL
from settings.rules.privileges import BEYOND, DATABASE
from settings.rules.registry import rule
from settings.stack import Stack

RESERVED = {
    "root": "the administrator's", "mysql": "the health agent's", "mariadb": "the server's own",
        "mariadb_sys": "the server's own",
    "public": "every account's role",
    "mariadb_ha_sst": "the state transfer's (SST)",
}  # fmt: skip
_SHORTEST = 12
_PATTERN = re.compile(r"[0-9%_]+(\.[0-9%_]+){0,3}\.?(/[0-9]{1,3}(\.[0-9]{1,3}){3})?")


def every_account(stack: Stack) -> Iterator[tuple[str, str, Account]]:
    """(key path, user name, account)."""
    for database, section in stack.databases.items():
        for name, account in section.accounts.items():
            yield f"databases.{database}.accounts.{name}", name, account


@rule("databases")
def account_names(stack: Stack) -> Iterator[Problem]:
    """Plain names that are free."""
    for key, name, _ in every_account(stack):
        if name.lower().replace(".", "_") in RESERVED:
            owner = RESERVED[name.lower().replace(".", "_")]
            yield Problem(
                key,
                f"{quote(name)} is reserved: {owner} account",
                "its password and rights would be overwritten",
                "choose another name",
            )
        elif name.lower().startswith(DRILL):
            yield Problem(
                key,
                f"{quote(name)} is reserved: the drills make and drop accounts of that name",
                "a drill would drop it",
                "choose another name",
            )
        elif not re.fullmatch(ACCOUNT_NAME, name):
            yield Problem(
                key,
                f"{quote(name)} is no account name here",
                "it may not be created, and tools that read it would take it for something else",
                "use letters, digits, _ $ . @ and -, at most 80 in all, not - . or @ first",
            )


@rule("databases")
def privileges(stack: Stack) -> Iterator[Problem]:
    """Rights on the one database, spelt as MariaDB spells them."""
    for key, name, account in every_account(stack):
        given = [" ".join(text.upper().split()) for text in account.privileges]
        for index, privilege in enumerate(given):
            where = f"{key}.privileges[{index}]"
            if privilege in BEYOND:
                yield Problem(
                    where,
                    f"{privilege} reaches beyond the database",
                    f"the account {name} could {BEYOND[privilege]}",
                    "remove it; an administrator uses root on the node",
                )
            elif privilege not in DATABASE:
                near = get_close_matches(privilege[:64], DATABASE, n=1, cutoff=0.5)
                yield Problem(
                    where,
                    f"MariaDB has no privilege {quote(privilege)} for a database",
                    "GRANT would fail and the account would have no rights",
                    f"did you mean {near[0]}? Write it, or ALL PRIVILEGES"
                    if near
                    else "write ALL PRIVILEGES, or names such as SELECT, INSERT, UPDATE, DELETE",
                )
        if len(given) > 1 and {"ALL", "ALL PRIVILEGES"} & set(given):
            yield Problem(
                f"{key}.privileges",
                "names ALL PRIVILEGES and others beside it",
                "GRANT would fail: MariaDB takes ALL alone",
                "keep ALL PRIVILEGES, or the others",
            )


@rule("databases")
def purpose(stack: Stack) -> Iterator[Problem]:
    """A purpose says which rights an account has."""
    for key, name, account in every_account(stack):
        if account.purpose != "application" and "privileges" in account.model_fields_set:
            yield Problem(
                f"{key}.privileges",
                f"is given, and {key}.purpose is {account.purpose}",
                f"{name} has the rights that its purpose needs, and nothing would come of these",
                "remove it, or remove purpose",
            )


@rule("databases")
def client_hosts(stack: Stack) -> Iterator[Problem]:
    """Addresses and patterns of addresses: the servers resolve no names (`skip_name_resolve`)."""
    for key, name, account in every_account(stack):
        if account.host == "localhost" or _is_pattern(account.host):
            continue
        where, instead = (
            f"{key}.host",
            "write an address, a pattern such as 172.16.21.%, a subnet such as 172.16.21.0/255.255.255.0, or %",
        )
        if _is_ipv6(account.host):
            yield Problem(
                where,
                f"{quote(account.host)} is an IPv6 address",
                "the VIP is IPv4, so no client would ever match it",
                instead,
            )
        elif "/" in account.host:
            yield Problem(
                where,
                f"{quote(account.host)} is no subnet as MariaDB writes it",
                f"no client would match, and {name} could not log in",
                instead,
            )
        else:
            yield Problem(
                where,
                f"{quote(account.host)} is no address or pattern of addresses",
                f"the servers resolve no names (skip_name_resolve), so {name} could not log in",
                instead,
            )


def _is_pattern(host: str) -> bool:
    if host == "%":
        return True
    if not _PATTERN.fullmatch(host):
        return False
    address, _, mask = host.partition("/")
    whole = "%" not in address and "_" not in address
    if mask and not (whole and all(int(part) <= 255 for part in mask.split("."))):
        return False
    numbers = [part for part in address.split(".") if part.isdecimal()]
    return all(int(part) <= 255 for part in numbers if len(part) < 5) and (not whole or len(numbers) == 4)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


@rule("databases")
def passwords(stack: Stack) -> Iterator[Problem]:
    """Explicit passwords that deserve the name."""
    for key, _, account in every_account(stack):
        text = account.password.get_secret_value() if account.password else ENCRYPTED
        if text == ENCRYPTED:
            continue
        if len(text) < _SHORTEST:
            yield Problem(
                f"{key}.password",
                f"has {len(text)} characters",
                "it can be guessed through the VIP",
                f"write {_SHORTEST} or more, or leave it out to have it derived",
            )
        elif not text.isprintable():
            yield Problem(
                f"{key}.password",
                "holds line breaks or other control characters",
                "no client could send it",
                "leave it out to have it derived",
            )


@rule("databases")
def one_account_one_password(stack: Stack) -> Iterator[Problem]:
    """MariaDB knows accounts by name and host, not by database."""
    seen: dict[str, tuple[str, Account]] = {}
    for key, name, account in every_account(stack):
        if name not in seen:
            seen[name] = (key, account)
            continue
        other_key, other = seen[name]
        both = f"the account {name} is declared at {other_key} too"
        if account.host != other.host:
            yield Problem(
                f"{key}.host",
                f"{both}, with host {quote(other.host)} in place of {quote(account.host)}",
                "MariaDB would hold two accounts of that name, and pick one by the client's address",
                "use one host for both, or another account name",
            )
        if account.purpose != other.purpose:
            yield Problem(
                f"{key}.purpose",
                f"{both}, with purpose {other.purpose}",
                "one login would be for both, with the rights of both",
                "use another account name",
            )
        if _differ(account, other):
            yield Problem(
                f"{key}.password",
                f"{both}, with another password",
                "MariaDB knows one password for both databases: the later would win",
                "set the same one in both places, or leave both out",
            )


def _differ(one: Account, other: Account) -> bool:
    texts = [account.password.get_secret_value() if account.password else None for account in (one, other)]
    if texts.count(ENCRYPTED) == 2:
        return False
    return texts[0] != texts[1] and (None in texts or ENCRYPTED not in texts)
