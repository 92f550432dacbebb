"""examples/application-typescript: its types, and its stack beside a stand-in."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.languages.standin import PASSWORD, QUOTED, Backend, contract

#: What `toolchain/languages` installed by the example's lock.
MODULES = ROOT / ".cache/languages/node_modules"


@pytest.fixture(scope="module")
def example(backend: Backend) -> str:
    """The example, with its packages."""
    name = backend.example("application-typescript")
    (backend.folder / name / "node_modules").symlink_to(MODULES)
    return name


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """What TypeScript's compiler says of the types."""
    return subprocess.run([MODULES / ".bin/tsc", "--noEmit"], cwd=folder, capture_output=True, text=True, check=False)


@contextmanager
def changed(file: Path, old: str, new: str) -> Iterator[None]:
    """With another text for a while."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    try:
        yield
    finally:
        file.write_text(text)


def test_the_types_are_good_and_refuse_what_the_contract_does_not_say(backend: Backend, example: str) -> None:
    folder = backend.folder / example
    good = checked(folder)
    assert good.returncode == 0, good.stdout
    with changed(folder / "index.ts", "database.writer;", "database.writer.apply((w) => w.address);"):
        bad = checked(folder)
    assert bad.returncode != 0
    assert "Property 'address' does not exist" in bad.stdout


def test_the_types_name_what_the_contract_promises() -> None:
    schema = json.loads((ROOT / "docs/contract.schema.json").read_text())
    text = (ROOT / "examples/application-typescript/contract.ts").read_text()
    for key in schema["properties"]["client_options"]["required"] + schema["$defs"]["endpoint"]["required"]:
        assert f"    {key}: " in text


def test_the_stack_gives_the_connection_and_keeps_the_account_secret(backend: Backend, example: str) -> None:
    said = backend.pulumi(example, "up", "--yes")
    assert PASSWORD not in said
    assert QUOTED not in said
    outputs = backend.output(example)
    assert outputs["account"] == outputs["database_url"] == "[secret]"
    made = backend.output(example, "--show-secrets")
    assert made["writer"] == contract()["writer"]
    assert made["account"] == {"username": "app", "password": PASSWORD}
    assert made["database_url"] == f"mysql://app:{QUOTED}@172.16.21.188:3306/app"
    assert made["database_options"] == contract()["client_options"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("index.ts", '"app", "app"', '"app", "nobody"', "the database stack has no account nobody of a database app"),
        ("contract.ts", '(stack, "writer")', '(stack, "nothing")', "Required output 'nothing' does not exist"),
    ],
    ids=["account", "output"],
)
def test_what_is_not_there_is_said_and_the_program_ends(
    backend: Backend, example: str, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, message: str
) -> None:
    """Node may fill its memory over the stack of the error that ends a program (nodejs/node#64011); with little of it
    the program is killed by that before its message is out.
    """
    folder = backend.folder / example
    monkeypatch.setenv("PULUMI_NODEJS_TRANSPILE_ONLY", "false")  # the compiler takes memory, too
    little = "nodeargs: --max-old-space-size=400 "
    with changed(folder / "Pulumi.yaml", "nodeargs: ", little), changed(folder / file, old, new):
        said = backend.pulumi(example, "preview", good=False)
    assert message in said
    assert "heap out of memory" not in said
