"""Where a key path leads in the models, and what belongs there in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Place:
    """What a key path leads to: the type expected there, and the field it belongs to."""

    annotation: Any
    field: FieldInfo | None = None

    @property
    def model(self) -> type[BaseModel] | None:
        """The model at this place, where a section of settings is expected."""
        return self.annotation if isinstance(self.annotation, type) and issubclass(self.annotation, BaseModel) else None

    @property
    def secret(self) -> bool:
        """True where a secret is expected: its value must not be shown."""
        return self.annotation is SecretStr

    @property
    def description(self) -> str:
        """The first sentence of the field's description, without its full stop."""
        return (self.field.description or "").split(". ")[0].rstrip(".") if self.field else ""

    @property
    def words(self) -> str:
        """What must be written here: "a whole number from 1 to 255"."""
        return expected(self.annotation, self.field)


def bare(annotation: Any) -> Any:
    """The type without its `| None` and without what is noted beside it."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        return kinds[0] if len(kinds) == 1 else annotation
    return annotation


def step(place: Place, part: str | int) -> Place | None:
    """One step down a key path; None where the models know no such key."""
    if place.model:
        field = place.model.model_fields.get(str(part))
        return Place(bare(field.annotation), field) if field else None
    origin, arguments = get_origin(place.annotation), get_args(place.annotation)
    if origin is dict:
        return Place(bare(arguments[1]))
    if origin is tuple:
        return Place(bare(arguments[0]))
    return None


def find(root: Place, loc: Sequence[str | int]) -> Place | None:
    """The place that a key path leads to, from a place on."""
    place: Place | None = root
    for part in loc:
        place = step(place, part) if place else None
    return place


def bounds(field: FieldInfo | None) -> dict[str, Any]:
    """Limits of a field by name: ge, gt, le, lt, min_length, max_length, pattern."""
    found: dict[str, Any] = {}
    for item in field.metadata if field else ():
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern"):
            if getattr(item, name, None) is not None:
                found[name] = getattr(item, name)
        if isinstance(item, annotated_types.Len):
            found["min_length"] = item.min_length
    return found


def _range(limits: dict[str, Any]) -> str:
    if "ge" in limits and "le" in limits:
        return f" from {limits['ge']} to {limits['le']}"
    if "gt" in limits and "le" in limits:
        return f" above {limits['gt']}, at most {limits['le']}"
    if "ge" in limits:
        return f", {limits['ge']} or more"
    if "gt" in limits:
        return f" above {limits['gt']}"
    return f", {limits['le']} or less" if "le" in limits else ""


def _text(field: FieldInfo | None, limits: dict[str, Any]) -> str:
    extra = field.json_schema_extra if field else None
    if isinstance(extra, dict) and "form" in extra:
        return str(extra["form"])
    longest = f" of at most {limits['max_length']} characters" if "max_length" in limits else ""
    return f"text{longest}"


def expected(annotation: Any, field: FieldInfo | None = None) -> str:
    """A type in words, with its limits."""
    kind, limits = bare(annotation), bounds(field)
    plain = {
        bool: "true or false",
        IPv4Address: "an IPv4 address",
        IPv4Network: "an IPv4 subnet such as 172.16.21.0/24",
        SecretStr: "a secret text",
    }
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _range(limits)
    if kind is str:
        return _text(field, limits)
    if kind in plain:
        return plain[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        *others, last = (expected(each) for each in arguments)
        return f"{', '.join(others)} or {last}"
    if origin is Literal:
        return arguments[0] if len(arguments) == 1 else "one of " + ", ".join(str(item) for item in arguments)
    if origin is tuple:
        least = f" with {limits['min_length']} or more entries" if limits.get("min_length", 0) > 1 else ""
        return f"a list{least}, each entry {expected(arguments[0])}"
    if origin is dict:
        least = f" with {limits['min_length']} or more entries" if limits.get("min_length", 0) > 1 else ""
        return f"a mapping{least} from names to {_value(arguments[1])}"
    return "a mapping of settings"


def _value(annotation: Any) -> str:
    kind = bare(annotation)
    return "settings" if isinstance(kind, type) and issubclass(kind, BaseModel) else expected(kind)
