"""What is wrong with a setting, in three sentences: what, what would follow, what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LONGEST = 80


@dataclass(frozen=True)
class Problem:
    """One message. `key` is the path as the user wrote it; the other parts are sentences
    without their full stop; `wrong` may begin with a name or value, the others begin with a word."""

    key: str
    wrong: str
    follows: str
    instead: str

    def __str__(self) -> str:
        sentences = ". ".join(part[:1].upper() + part[1:] for part in (self.follows, self.instead))
        return _CONTROL.sub(" ", f"{self.key}: {self.wrong}. {sentences}.")


class SettingsError(Exception):
    """The configuration cannot be used. `messages` holds one message per problem; as text, one per line."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


def quote(value: object) -> str:
    """A value the user gave, short enough for a message. Never call it with a secret."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    try:
        text = str(value)
    except ValueError:  # a whole number of thousands of digits
        return "a number far too long"
    text = _CONTROL.sub(" ", text)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def path(*parts: str | int) -> str:
    """A key path: `hosts.mdb2.address`, `galera.members[1]`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def listed(items: object) -> str:
    """Names for a sentence: `a, b and c`."""
    names = [str(item) for item in items] if isinstance(items, (list, tuple, set, frozenset, dict)) else [str(items)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"
