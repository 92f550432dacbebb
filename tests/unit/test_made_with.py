"""A stack says which engine and plugins made it, and no other toolchain goes on with it unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from deploy import __main__ as program
from deploy import made_with, workspace
from deploy import paths as paths_module
from deploy.errors import DeployError
from deploy.paths import StackPaths
from tests.conftest import dev_config

BUILT = {"cli": "3.190.0 build", "language": "3.75.0 build", "libvirt": "0.5.4 build", "command": "1.2.1 build"}
OFFICIAL = {
    "cli": "3.272.0 official",
    "language": "3.272.0 official",
    "libvirt": "0.5.4 build",
    "command": "1.2.1 build",
}


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackPaths:
    """A stack that was made by what is built."""
    monkeypatch.setattr(paths_module, "ROOT", tmp_path)
    monkeypatch.delenv(made_with.WORD, raising=False)
    paths = StackPaths(stack="web")
    paths.work.mkdir(parents=True)
    paths.generated.write_text(yaml.safe_dump({"encryptionsalt": "s", "config": {"mariadb-ha:drills": "allowed"}}))
    made_with.note(paths, BUILT)
    return paths


def test_it_is_said_in_the_stacks_configuration(paths: StackPaths) -> None:
    document = yaml.safe_load(paths.generated.read_text())
    assert document["encryptionsalt"] == "s"
    assert document["config"]["mariadb-ha:drills"] == "allowed"
    assert document["config"]["mariadb-ha-made-with:cli"] == "3.190.0 build"


def test_the_same_toolchain_goes_on(paths: StackPaths) -> None:
    made_with.refuse_switch(paths, BUILT)


def test_another_one_is_refused_with_what_differs(paths: StackPaths) -> None:
    before = paths.generated.read_text()
    with pytest.raises(DeployError) as refused:
        made_with.refuse_switch(paths, OFFICIAL)
    words = str(refused.value)
    assert "engine: 3.190.0 build made it, this toolchain has 3.272.0 official" in words
    assert "plugin" not in words.split("Nothing was touched")[0]
    assert made_with.WORD in words
    assert paths.generated.read_text() == before


def test_a_plugin_of_another_way_is_another_one(paths: StackPaths) -> None:
    with pytest.raises(
        DeployError, match=r"plugin libvirt: 0\.5\.4 build made it, this toolchain has 0\.5\.4 official"
    ):
        made_with.refuse_switch(paths, {**BUILT, "libvirt": "0.5.4 official"})


def test_the_users_word_switches(paths: StackPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(made_with.WORD, "yes")
    made_with.refuse_switch(paths, OFFICIAL)
    made_with.note(paths, OFFICIAL)
    monkeypatch.delenv(made_with.WORD)
    made_with.refuse_switch(paths, OFFICIAL)
    with pytest.raises(DeployError):
        made_with.refuse_switch(paths, BUILT)


def test_a_new_stack_and_one_of_an_earlier_version_know_nothing_to_compare(paths: StackPaths) -> None:
    paths.generated.write_text(yaml.safe_dump({"config": {}}))
    made_with.refuse_switch(paths, OFFICIAL)
    paths.generated.unlink()
    made_with.refuse_switch(paths, OFFICIAL)


def test_make_up_looks_before_it_touches_anything(paths: StackPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "tracked_config", lambda _: {})
    monkeypatch.setattr(program, "in_lab", lambda _: False)
    monkeypatch.setattr(program, "merged_config", lambda *_, **__: {})
    monkeypatch.setattr(program, "check", lambda *_: None)
    monkeypatch.setattr(made_with, "toolchain", lambda: OFFICIAL)
    with pytest.raises(DeployError, match="made by another toolchain"):
        program.up("web")


def test_it_stays_said_when_the_workspace_is_written_anew(paths: StackPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "ROOT", paths.work.parent.parent)
    (paths.work.parent.parent / "Pulumi.yaml").write_text("name: mariadb-ha\nruntime: python\n")
    monkeypatch.setattr(workspace, "stack_secrets", lambda *_: None)
    monkeypatch.setattr(workspace, "check", lambda *_, **__: None)
    monkeypatch.setattr(workspace, "Context", lambda **_: None)
    workspace.prepare(paths, dev_config())
    with pytest.raises(DeployError):
        made_with.refuse_switch(paths, OFFICIAL)


def test_what_toolchain_install_noted(tmp_path: Path) -> None:
    stamps = tmp_path / ".cache/toolchain/installed"
    stamps.mkdir(parents=True)
    (stamps / "cli").write_text("digest=x\nway=installed\nversion=3.200.1\n")
    assert made_with.toolchain(tmp_path) == {"cli": "3.200.1 installed"}
