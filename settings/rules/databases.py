"""Databases: names the server does not keep for itself, character sets it knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from settings.databases import DATABASE_NAME
from settings.problem import Problem, quote
from settings.rules.registry import rule
from settings.stack import Stack

RESERVED = {
    "mysql":
        "the server's own tables", "sys": "the server's own views", "information_schema": "the server's own tables",
    "performance_schema": "the server's own tables", "test": "the database that hardening removes",
        "hactl_drill": "the drills' own database", "mariadb_ha": "what the stack itself remembers",
}  # fmt: skip
DRILL = "hactl_drill"

#: MariaDB 10.11's character sets (SHOW CHARACTER SET).
CHARACTER_SETS = (
    "armscii8", "ascii", "big5", "binary", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "cp932",
    "dec8", "eucjpms", "euckr", "gb2312",
    "gbk", "geostd8", "greek", "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin1", "latin2", "latin5", "latin7",
    "macce", "macroman", "sjis", "swe7",
    "tis620", "ucs2", "ujis", "utf16", "utf16le", "utf32", "utf8", "utf8mb3", "utf8mb4",
)  # fmt: skip


@rule("databases")
def database_names(stack: Stack) -> Iterator[Problem]:
    """Plain names that are free."""
    for name in stack.databases:
        key = f"databases.{name[:80]}" if name.strip() else f"databases.{quote(name)}"
        if not re.fullmatch(DATABASE_NAME, name):
            yield Problem(
                key,
                f"{quote(name)} is no database name here",
                "it may not be created, and tools that read it would take it for something else",
                "use letters, digits, _ $ and -, at most 64 in all, not - first",
            )
        elif name.lower() in RESERVED or name.lower().startswith(DRILL):
            yield Problem(
                key,
                f"{quote(name)} is reserved: {RESERVED.get(name.lower(), RESERVED[DRILL])}",
                "applications would write where the cluster itself works",
                "choose another name",
            )


@rule("databases")
def character_sets(stack: Stack) -> Iterator[Problem]:
    """Sets that the server has."""
    for name, database in stack.databases.items():
        given = database.character_set
        if given not in CHARACTER_SETS:
            near = get_close_matches(given[:64], CHARACTER_SETS, n=1, cutoff=0.5)
            yield Problem(
                f"databases.{name}.character_set",
                f"MariaDB has no character set {quote(given)}",
                "CREATE DATABASE would fail",
                f"did you mean {near[0]}? utf8mb4 holds every character"
                if near
                else "write utf8mb4, which holds every character",
            )
