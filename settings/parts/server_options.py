"""Options of MariaDB that the stack has no setting for, as the user writes them (mariadb.com/kb: server system
variables)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from settings.parts.server import ServerSection
from settings.problem import Problem, quote
from settings.rules.registry import rule
from settings.stack import Stack

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
#: What mariadbd takes before an option's name.
_PREFIXES = ("loose_", "skip_", "disable_", "enable_", "maximum_")
#: Options that the programs of the stack rely on: how they reach the server, and what starts it.
_RELIED_ON = frozenset(
    {"user", "socket", "pid_file", "basedir", "networking", "grant_tables", "init_file", "defaults_file", "plugin_dir"}
)


def plain_name(option: str) -> str:
    """An option as MariaDB knows it: `Skip-Name-Resolve` and `loose_name_resolve` are `name_resolve`."""
    name = option.lower().replace("-", "_")
    while prefix := next((each for each in _PREFIXES if name.startswith(each)), None):
        name = name.removeprefix(prefix)
    return name


@rule(each=ServerSection)
def server_options(stack: Stack, name: str, server: ServerSection) -> Iterator[Problem]:
    """Each is an option of MariaDB that nothing else in the stack sets."""
    owned = {plain_name(option): setting for option, setting in type(server).owned_options.items()}
    seen: dict[str, str] = {}
    for option, value in server.server_options.items():
        key = f"{name}.server_options.{option}"
        known = plain_name(option)
        if not _NAME.fullmatch(option):
            yield Problem(
                key,
                f"{quote(option)} is no name of an option",
                "the server would not start with such a line",
                "write letters, digits, _ and - as in mariadb.com/kb, server system variables",
            )
        elif known in owned:
            yield _owned(key, option, f"{name}.{owned[known]}" if owned[known] else "")
        elif known in _RELIED_ON:
            yield Problem(
                key,
                f"the stack's own programs rely on MariaDB's {option} as Debian has it",
                "they would not reach or start the server any more",
                "take it away",
            )
        elif known in seen:
            yield Problem(
                key,
                f"is {seen[known]} in another spelling",
                "the one that is read last would win",
                "write it once",
            )
        seen.setdefault(known, option)
        yield from unfit_value(key, value, forbidden="")


def _owned(key: str, option: str, setting: str) -> Problem:
    return Problem(
        key,
        f"the stack sets {option} itself",
        "one of the two would win without a word, and what the stack promises rests on its own",
        f"use {setting}" if setting else "take it away: no setting changes it",
    )


def unfit_value(key: str, value: str | float, *, forbidden: str) -> Iterator[Problem]:
    """A value that would end its line, or mean something else in it. `forbidden`: characters beside those."""
    found = sorted({character for character in str(value) if not character.isprintable() or character in forbidden})
    if found:
        yield Problem(
            key,
            f"{quote(value)} has characters that a value cannot have ({' '.join(map(repr, found))})",
            "the rest would be read as something else",
            "write the value on one line, without them",
        )


def option_lines(options: Mapping[str, str | float | bool]) -> list[str]:
    """`name = value` in the order of the names, ready for a `[mariadbd]` section."""
    return [f"{option.lower().replace('-', '_')} = {shown(value)}" for option, value in sorted(options.items())]


def shown(value: str | float | bool) -> str:
    """ON and OFF for true and false; text in quotes, so that a # in it begins no comment."""
    if isinstance(value, bool):
        return "ON" if value else "OFF"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return f"{value:g}" if isinstance(value, float) else str(value)
