"""Top-level keys of a stack file: the shared ones, and a section for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pydantic.fields import FieldInfo

from settings.fields import Place, bare, find
from settings.kinds import KINDS
from settings.stack import Stack


def known_keys() -> dict[str, FieldInfo]:
    """Keys with their fields, kinds' sections before the databases that they serve."""
    shared = {name: field for name, field in Stack.model_fields.items() if name not in ("components", "databases")}
    kinds = {
        name: FieldInfo(annotation=cast(Any, model | None), default=None, description=model.about)
        for name, model in KINDS.items()
    }
    return {**shared, **kinds, "databases": Stack.model_fields["databases"]}


def find_key(loc: Sequence[str | int]) -> Place | None:
    """The place that a key path of a stack file leads to; None where there is no such key."""
    field = known_keys().get(str(loc[0])) if loc else None
    return None if field is None else find(Place(bare(field.annotation), field), loc[1:])
