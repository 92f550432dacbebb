"""pydantic's errors in the words of a stack file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import AddressValueError, IPv6Address, IPv6Network, NetmaskValueError, ip_network
from typing import Any

from pydantic_core import ErrorDetails

from settings import one_of_a_kind
from settings.fields import Place
from settings.intake import shown, unknown_key
from settings.keys import find_key
from settings.kinds import KINDS
from settings.problem import Problem, quote

_CONSEQUENCE = "no server could be configured from it"


def translate(error: ErrorDetails) -> Problem:
    """One error of a stack file as a problem. `loc` starts at the section."""
    loc, kind = error["loc"], error["type"]
    where = shown(loc)
    place = find_key(loc) or Place(object)
    if len(loc) == 1 and loc[0] in KINDS and isinstance(error.get("input"), list):
        return one_of_a_kind.second(where, str(loc[0]), several=True)
    if kind == "extra_forbidden":
        owner = find_key(loc[:-1])
        known = tuple(owner.model.model_fields) if owner and owner.model else ()
        return unknown_key(where, str(loc[-1]), known)
    if kind == "missing":
        return missing(where, place)
    about = f" ({place.description})" if place.description else ""
    return Problem(where, _wrong(place, error), f"{_CONSEQUENCE}{about}", _instead(place, error.get("input"), kind))


def missing(where: str, place: Place) -> Problem:
    """A key that must be there."""
    about = f" ({place.description})" if place.description else ""
    return Problem(
        where,
        f"is missing{about}",
        "nothing can be built without it",
        f"write {place.words}, as docs/settings.md shows",
    )


def _wrong(place: Place, error: ErrorDetails) -> str:
    given = error.get("input")
    if place.secret:
        short = isinstance(given, str) and not given
        return f"is {'empty' if short else 'not text'}; its value is not shown"
    if error["type"] in ("too_short", "too_long"):
        count = (error.get("ctx") or {}).get("actual_length")
        return f"has {count or 'no'} {'entry' if count == 1 else 'entries'}"
    if isinstance(given, Mapping | list | tuple) or place.words.startswith(("a mapping", "a list")):
        return f"is {_sort(given)}, not {place.words.split(',')[0].split(' from ')[0]}"
    family = _ipv6(given)
    if family and "IPv4" in place.words:
        return f"is the IPv6 {family} {quote(given)}; only IPv4 is offered today"
    return f"is {quote(given)}, not {place.words}"


def _sort(value: object) -> str:
    """The sort of a value, without the value: text in place of a mapping may be a secret."""
    names: tuple[tuple[Any, str], ...] = (
        (bool, "true or false"),
        (str, "text"),
        (int | float, "a number"),
        (Mapping, "a mapping"),
        (list | tuple, "a list"),
    )
    return (
        "nothing"
        if value is None
        else next((name for type_, name in names if isinstance(value, type_)), "something else")
    )


def _instead(place: Place, given: object, kind: str) -> str:
    choices = [str(item) for item in getattr(place.annotation, "__args__", ())] if kind == "literal_error" else []
    if len(choices) == 1:
        return f"write {choices[0]}"
    if choices:
        near = get_close_matches(str(given)[:64], choices, n=1, cutoff=0.5) or get_close_matches(
            str(given)[:64].upper(), choices, n=1, cutoff=0.5
        )
        near = near or get_close_matches(str(given)[:64].lower(), choices, n=1, cutoff=0.5)
        return (
            f"did you mean {near[0]}? Write one of {', '.join(choices)}"
            if near
            else f"write one of {', '.join(choices)}"
        )
    subnet = _without_host_bits(given) if "subnet" in place.words else None
    if subnet:
        return f"write {subnet}: the address of the whole subnet"
    if place.secret and isinstance(given, int | float) and not isinstance(given, bool):
        return 'write it in quotes ("…"): YAML reads text of digits alone as a number, without its leading zeros'
    if place.annotation is str and isinstance(given, int | float):
        return f'write it in quotes ("…"): YAML reads it as a number; expected is {place.words}'
    return f"write {place.words}"


def _ipv6(value: object) -> str | None:
    if isinstance(value, str) and ":" in value:
        try:
            IPv6Address(value)
        except (AddressValueError, ValueError):
            try:
                IPv6Network(value, strict=False)
            except (AddressValueError, NetmaskValueError, ValueError):
                return None
            return "subnet"
        return "address"
    return None


def _without_host_bits(value: object) -> str | None:
    if not isinstance(value, str) or "/" not in value or ":" in value:
        return None
    try:
        return str(ip_network(value, strict=False))
    except ValueError:
        return None
