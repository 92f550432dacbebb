"""From a stack file's `config` mapping, or what Pulumi hands a program, to plain sections of settings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, get_origin

from settings import one_of_a_kind
from settings.encrypted import ENCRYPTED
from settings.keys import find_key, known_keys
from settings.kinds import KINDS
from settings.problem import Problem, path, quote

PROJECT = "mariadb-ha"

_DEEPEST = 20


@dataclass
class Intake:
    """Sections by key without their prefix; where encrypted values stand; what could not be read."""

    sections: dict[str, Any] = field(default_factory=dict)
    encrypted: list[tuple[str | int, ...]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(config: object) -> Intake:
    """Strip `mariadb-ha:`, leave other programs' keys alone, decode JSON, mark encrypted values."""
    intake = Intake()
    if not isinstance(config, dict):
        intake.problems.append(_not_a_mapping(config))
        return intake
    for raw, value in config.items():
        key = _own_key(raw, intake)
        if key is None:
            continue
        if key in intake.sections:
            intake.problems.append(
                Problem(
                    key,
                    "is given twice, with and without the prefix mariadb-ha:",
                    "nobody could say which one counts",
                    "remove one of the two",
                )
            )
            continue
        if key not in known_keys():
            intake.problems.append(_unknown(key, value))
            continue
        try:
            intake.sections[key] = _plain(_decoded(key, value), (key,), intake)
        except _UnreadableError as error:
            intake.sections[key] = ENCRYPTED
            intake.encrypted.append((key,))
            intake.problems.append(error.problem)
    for key in (*KINDS, "stack_secret", "stack_secret_file"):
        if intake.sections.get(key) in ({}, ""):  # Pulumi.yaml's default for what a stack does not have
            del intake.sections[key]
    return intake


class _UnreadableError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _not_a_mapping(config: object) -> Problem:
    return Problem(
        "config",
        f"is {quote(config) if not isinstance(config, str) else 'text'}, not a mapping of keys",
        "no setting can be read from it",
        "write `config:` with keys such as mariadb-ha:hosts below it",
    )


def _own_key(raw: object, intake: Intake) -> str | None:
    """The key without its prefix; None for another program's key."""
    text = raw if isinstance(raw, str) else quote(raw)
    namespace, colon, rest = text.partition(":")
    if not colon:
        return text
    if namespace == PROJECT:
        return rest
    if get_close_matches(namespace.lower(), [PROJECT], cutoff=0.75):
        intake.problems.append(
            Problem(
                text,
                f"has the prefix {quote(namespace)}, which no program owns",
                "nothing would read it",
                f"write {PROJECT}:{rest}",
            )
        )
    return None


def _unknown(key: str, value: object) -> Problem:
    if kind := one_of_a_kind.meant(key, value):
        return one_of_a_kind.second(key, kind)
    section, dot, rest = key.partition(".")
    if dot and section in known_keys():
        instead = f"write {rest} below {section}, or use `pulumi config set --path '{PROJECT}:{key}' …`"
        return Problem(key, "is one key with a dot in it, not a path", "nothing would read it", instead)
    return unknown_key(key, key, tuple(known_keys()))


def unknown_key(where: str, key: str, known: tuple[str, ...]) -> Problem:
    """A key that the models do not have, with the nearest that they do."""
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    instead = (
        f"did you mean {near[0]}? Otherwise remove it" if near else f"remove it, or choose one of {', '.join(known)}"
    )
    return Problem(
        where,
        "is not a known key",
        "nothing would read it, and what it was meant to change would stay as it is",
        instead,
    )


def _decoded(key: str, value: object) -> object:
    """Pulumi hands structured values over as JSON text."""
    place = find_key((key,))
    if not isinstance(value, str) or not place or place.secret:
        return value
    if place.annotation is str or get_origin(place.annotation) is Literal:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise _UnreadableError(
            Problem(
                key, f"is text that is no JSON{where}", "none of its settings can be read",
                "write a mapping in the stack file, or set single values: "
                f"`pulumi config set --path '{PROJECT}:{key}.…' …`",
            )
        ) from error  # fmt: skip


def _plain(value: object, at: tuple[str | int, ...], intake: Intake) -> object:
    """A copy of plain mappings, lists and scalars with encrypted values marked."""
    if len(at) > _DEEPEST:
        raise _UnreadableError(
            Problem(
                str(at[0]),
                f"is nested more than {_DEEPEST} levels deep",
                "no setting lies there",
                "write it as the reference shows, docs/settings.md",
            )
        )
    if isinstance(value, dict):
        if set(value) == {"secure"} and isinstance(value["secure"], str):
            intake.encrypted.append(at)
            return ENCRYPTED
        names = [(key if isinstance(key, str) else str(quote(key))) for key in value]
        return {name: _plain(item, (*at, name), intake) for name, item in zip(names, value.values(), strict=True)}
    if isinstance(value, (list, tuple)):
        return [_plain(item, (*at, index), intake) for index, item in enumerate(value)]
    return value


def shown(loc: tuple[str | int, ...]) -> str:
    """A pydantic location as a key path; a mapping's key that is itself wrong is marked "[key]" by pydantic."""
    return path(*(part for part in loc if part != "[key]"))
