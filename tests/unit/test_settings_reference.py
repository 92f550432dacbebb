"""The reference and Pulumi.yaml say what the models say."""

from __future__ import annotations

from pathlib import Path
from types import NoneType
from typing import Any, get_origin

import pytest
import yaml
from pydantic import BaseModel

from plan.secrets import Secrets
from settings import reference
from settings.fields import bare
from settings.keys import known_keys
from settings.mac import derived_mac
from settings.purposes import purposes

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())


def test_reference_is_current() -> None:
    assert reference.main(["--check"]) == 0, "run `python -m settings.reference`"


def test_check_notices_a_change(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = tmp_path / "settings.md"
    stale.write_text("old")
    monkeypatch.setattr(reference, "FILE", stale)
    assert reference.main(["--check"]) == 1
    assert stale.read_text() == "old"
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("key", "model"), [(key, model) for key, model, _ in reference.tables()], ids=lambda part: str(part)
)
def test_every_setting_is_described(key: str, model: type[BaseModel]) -> None:
    text = reference.reference()
    assert model.__doc__
    fields = model.model_fields if key else known_keys()
    for name, field in fields.items():
        assert field.description, f"{key}.{name}"
        assert f"| `{name}` |" in text


def _pulumi_type(annotation: Any) -> str:
    """The type that Pulumi.yaml knows for a field (workspace/project.json: string, integer, boolean, array, object)."""
    kind = bare(annotation)
    assert kind is not NoneType
    if get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return "object"
    if get_origin(kind) is tuple:
        return "array"
    return {bool: "boolean", int: "integer"}.get(kind, "string")


def test_project_file_knows_every_top_level_key() -> None:
    assert {key: entry["type"] for key, entry in PROJECT["config"].items()} == {
        name: _pulumi_type(field.annotation) for name, field in known_keys().items()
    }
    assert all(entry["description"] for entry in PROJECT["config"].values())


def test_the_stack_secret_must_be_encrypted() -> None:
    assert [key for key, entry in PROJECT["config"].items() if entry.get("secret")] == ["stack_secret"]


def test_purposes_are_those_that_the_plan_derives() -> None:
    secrets = Secrets(stack="dev", stack_secret="x" * 32)
    assert len({secrets.password(purpose) for purpose in purposes()}) == len(purposes())
    with pytest.raises(KeyError, match="shoe-size"):
        secrets.password("shoe-size")


def test_derived_mac_addresses_stay() -> None:
    """A new derivation would give every VM of a living stack another interface."""
    assert derived_mac("dev", "mdb1") == "52:54:00:a1:97:f4"
    assert derived_mac("dev", "mdb1") != derived_mac("prod", "mdb1")
