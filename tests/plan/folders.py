"""Folders with the settings of a stack, and the difference between two of them by real plans."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from ops.plan.difference import Difference, difference
from ops.plan.document import Document
from ops.plan.revision import Revisions
from plan.document.__main__ import document
from tests.conftest import ROOT, stack_config

KEY = "a-throw-away-key-for-tests-" + "0123456789abcdef" * 3
Config = dict[str, Any]
Edit = Callable[[Config], object]


def write(folder: Path, config: Config, stack: str = "dev") -> Path:
    """A folder with the project's file and one stack."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}))
    made = ROOT / "lab" / "stacks" / stack
    if made.exists():
        (folder / "lab" / "stacks").mkdir(parents=True, exist_ok=True)
        (folder / "lab" / "stacks" / stack).write_text(made.read_text())
    return folder


def planned(folder: Path, stack: str = "dev") -> Document:
    """The document of a folder's stack."""
    return Document.model_validate(document(folder, stack, KEY))


def changed(tmp_path: Path, edit: Edit, *, stack: str = "dev", first: Edit | None = None) -> Difference:
    """What an edit of a stack's settings changes; `first` edits them before."""
    before = stack_config(stack)
    if first:
        first(before)
    after = copy.deepcopy(before)
    edit(after)
    found = Revisions(
        against="main",
        before=planned(write(tmp_path / "before", before, stack), stack),
        after=planned(write(tmp_path / "after", after, stack), stack),
    )
    return difference(found)


def section(config: Config, name: str) -> Config:
    """A section of the settings, to be edited."""
    found: Config = config.setdefault(f"mariadb-ha:{name}", {})
    return found
