"""The one function behind all bad input: `check_config`; and `load_stack`, which refuses what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from settings.fields import Place
from settings.intake import Intake, read
from settings.keys import find_key, known_keys
from settings.kinds import KINDS
from settings.problem import Problem, SettingsError, path
from settings.reach import world_problems
from settings.rules import rule_problems
from settings.rules.macs import derived_macs
from settings.stack import Stack
from settings.translate import missing, translate


def check_config(config: dict[str, Any], stack_name: str | None = None, *, to_destroy: bool = False) -> list[str]:
    """Everything that is wrong with a stack's configuration, in words; empty when it is good. Never raises.

    `config`: the stack file's `config` mapping (`mariadb-ha:hosts: …`), or the same without prefixes; structured values
    may be JSON text. `stack_name`, where it is known, lets derived MAC addresses be compared too. `to_destroy`: the
    stack is to go, so nothing asks whether what is left of it after lost hosts could go on.
    Asks the network and the disk only about an explicit `hypervisor.uri` (3 s at most) and an explicit
    `hypervisor.image`.
    """
    intake = read(config)
    stack, sound, problems = _parse(intake)
    return _messages(
        intake,
        problems,
        rule_problems(stack, sound, to_destroy=to_destroy),
        derived_macs(stack, sound, stack_name),
        world_problems(stack, sound),
    )


def load_stack(
    config: dict[str, Any], stack_name: str | None = None, *, to_destroy: bool = False, sealed: bool = False
) -> Stack:
    """The settings of a stack. Raises SettingsError with all messages, one per line.

    Values must be in clear, as Pulumi hands them to a program. Neither network nor disk is asked: `check_config` does
    that. `sealed`: secrets may still be encrypted, and are `ENCRYPTED` then: for who only looks.
    """
    intake = read(config)
    stack, sound, problems = _parse(intake)
    messages = _messages(
        intake, problems, rule_problems(stack, sound, to_destroy=to_destroy), derived_macs(stack, sound, stack_name)
    )
    unknown = [loc for loc in intake.encrypted if not (sealed and _may_be_encrypted(loc))]
    messages += [str(_still_encrypted(loc)) for loc in unknown] if not messages else []
    if messages:
        raise SettingsError(messages)
    return stack


def _messages(intake: Intake, *sources: list[Problem] | Iterator[Problem]) -> list[str]:
    return list(dict.fromkeys(str(problem) for source in (intake.problems, *sources) for problem in source))


def _still_encrypted(loc: tuple[str | int, ...]) -> Problem:
    return Problem(
        path(*loc),
        "is still encrypted here",
        "the servers would get the cipher text",
        "read the settings through Pulumi, which decrypts them",
    )


def _parse(intake: Intake) -> tuple[Stack, frozenset[str], list[Problem]]:
    """What could be understood: a stack that holds the sound sections (and defaults), their names, and the problems of
    the others.

    `components` is among the names when every kind's section could be understood.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, field in known_keys().items():
        hidden = [loc for loc in intake.encrypted if loc[0] == name and not _may_be_encrypted(loc)]
        if name not in intake.sections:
            if field.is_required():
                problems.append(missing(name, find_key((name,)) or Place(object)))
            else:
                values[name] = field.get_default(call_default_factory=True)
            continue
        found, value = _section(name, intake.sections[name], hidden)
        problems += found
        if not found and not hidden:
            values[name] = value
    sound = set(values) | ({"components"} if KINDS.keys() <= values.keys() else set())
    shared = {name: value for name, value in values.items() if name not in KINDS}
    components = {name: values[name] for name in KINDS if values.get(name) is not None}
    given = shared.keys() & intake.sections.keys() | {"components"}
    return Stack.model_construct(_fields_set=given, **shared, components=components), frozenset(sound), problems


def _may_be_encrypted(loc: tuple[str | int, ...]) -> bool:
    place = find_key(loc)
    return bool(place and place.secret)


def _section(name: str, raw: object, hidden: list[tuple[str | int, ...]]) -> tuple[list[Problem], Any]:
    """A section by its model. Errors at or below an encrypted value say nothing: it is unknown here."""
    try:
        return [], _adapter(name).validate_python(raw)
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems = []
    for detail in details:
        loc = (name, *detail["loc"])
        if not any(loc[: len(at)] == at for at in hidden):
            problems.append(translate(detail | {"loc": loc}))
    return problems, None


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    field = known_keys()[name]
    annotated: Any = field.annotation
    for item in field.metadata:
        annotated = Annotated[annotated, item]
    return TypeAdapter(annotated)
