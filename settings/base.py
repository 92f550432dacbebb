"""What all settings models share: strict, frozen, and silent about the values they refuse."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError


def form(text: str) -> dict[str, Any]:
    """What a value must look like, in words, for messages and the reference (`json_schema_extra` of a field with a
    pattern).
    """
    return {"form": text}


class Settings(BaseModel):
    """A group of settings.

    Unknown keys are errors; inputs never appear in pydantic's messages (they may be secrets).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_silent_conversion(cls, value: object, info: ValidationInfo) -> object:
        """Refuse what Python would take without asking: true for the number 1, the number 5 for the address 0.0.0.5."""
        kinds = {
            type_ for type_ in _flat(cls.model_fields[info.field_name or ""].annotation) if isinstance(type_, type)
        }
        if isinstance(value, bool) and bool not in kinds and kinds & {int, float}:
            raise PydanticCustomError("bool_for_number", "true and false are not numbers")
        if isinstance(value, (bool, int, float, bytes)) and kinds & {IPv4Address, IPv4Network}:
            raise PydanticCustomError("number_for_address", "a number is not an address")
        return value


def _plain(value: object) -> object:
    if not isinstance(value, bool | int | float | str):
        raise PydanticCustomError("no_plain_value", "true, false, a number or a text")
    return value


#: The value of an option of MariaDB or Galera: true, false, a number, or a text.
Plain = Annotated[bool | int | float | str, BeforeValidator(_plain)]


def _flat(annotation: object) -> list[object]:
    """The alternatives of a union (X | None), or the annotation alone."""
    arguments = get_args(annotation)
    return list(arguments) if arguments and type(None) in arguments else [annotation]
