"""Values as a program in another language hands them over, to plain ones as a stack file would hold."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pulumi

from settings import SettingsError
from settings.problem import Problem


def unwrapped(value: object, key: str) -> Any:
    """A copy without Pulumi's wrapping: a secret comes as an Output whose value is there already, a number as a float.

    Raises:
        SettingsError: a value that is known only after an `up`; `key` says where.
    """
    if isinstance(value, pulumi.Output):
        value = _value(value, key)
    if isinstance(value, pulumi.output.Unknown):
        raise _unknown(key)
    if isinstance(value, dict):
        # On its way a mapping loses its order, and that of members says who is first. By name, then, as Pulumi hands
        # over a stack's configuration.
        return {name: unwrapped(value[name], f"{key}.{name}") for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [unwrapped(item, f"{key}[{index}]") for index, item in enumerate(value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _value(output: pulumi.Output[Any], key: str) -> object:
    """What is inside."""
    if not _at_once(output.is_known(), key):
        raise _unknown(key)
    return _at_once(output.future(), key)


def _at_once(waiting: Coroutine[Any, Any, Any], key: str) -> Any:
    """What it returns; one step is enough where the value is there."""
    try:
        waiting.send(None)
    except StopIteration as done:
        return done.value
    waiting.close()
    raise _unknown(key)


def _unknown(key: str) -> SettingsError:
    return SettingsError(
        [
            str(
                Problem(
                    key,
                    "is not known yet",
                    "every file of every host is planned before anything is made",
                    "pass a value that is known at the preview, or bring up what it comes from first, in its own stack",
                )
            )
        ]
    )
