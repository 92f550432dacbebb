"""A kind that no file of the house knows is checked, planned, previewed, and shown by `hactl status`."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from components import kinds as component_kinds
from ops import kinds as ops_kinds
from plan import kinds as plan_kinds
from plan import make_plan
from settings import check_config, kinds, reference
from tests.conftest import make_context
from tests.graph.test_graph import graph
from tests.ops.hactl import ANSWERING_SSH, healthy_answers, make_hactl
from tests.unit.settings_config import changed

NOTE: dict[str, Any] = {"motd": {"members": ["ha1", "mdb1"], "text": "Mind the gap."}}


def status(tmp_path: Path, first: str) -> subprocess.CompletedProcess[str]:
    """`hactl status` of the stack with the kind, from the outputs that `up` would give; `first` runs before."""
    outputs = graph(NOTE)[1]
    kept = {key: outputs[key] for key in ("contract_version", "endpoints", "components")}
    hosts = {
        host: {key: entry[key] for key in entry if key != "ssh_host_key"} for host, entry in outputs["hosts"].items()
    }
    inventory = {**kept, "stack": "dev", "hosts": hosts}
    return make_hactl(tmp_path, inventory, ssh=ANSWERING_SSH, answers=healthy_answers(), first=first)("status")


@pytest.mark.usefixtures("motd")
class TestToy:
    """With the kind."""

    def test_its_settings_are_checked_like_any_others(self) -> None:
        assert check_config(changed(NOTE)) == []
        assert any(
            line.startswith("motd.members[0]: there is no host ha9")
            for line in check_config(changed({"motd": {"members": ["ha9"]}}))
        )
        assert any(
            line.startswith("motd.txt: ") and "Did you mean text" in line
            for line in check_config(changed({"motd.txt": "x", "motd.members": ["ha1"]}))
        )
        assert "## `motd`" in reference.reference()

    def test_it_is_planned_beside_the_others(self) -> None:
        before, after = make_plan(make_context()), make_plan(make_context(NOTE))
        assert set(after.hosts["ha1"].roles) == {*before.hosts["ha1"].roles, "motd"}
        assert {file.path for file in after.hosts["ha1"].files} - {file.path for file in before.hosts["ha1"].files} == {
            "/etc/motd"
        }
        assert after.hosts["ha2"] == before.hosts["ha2"]
        assert [step.id for step in after.steps if step not in before.steps] == ["motd-show-ha1", "motd-show-mdb1"]

    def test_it_is_previewed_and_has_its_outputs(self) -> None:
        resources, outputs = graph(NOTE)
        assert resources["dev-motd"].type == "mariadb-ha:index:MotdBoard"
        assert resources["dev-motd-show-mdb1"].inputs["create"] == "sudo -n cat /etc/motd"
        assert outputs["components"]["motd"] == {
            "kind": "motd",
            "hosts": ["ha1", "mdb1"],
            "endpoints": {},
            "text": "Mind the gap.",
        }
        assert "motd" in outputs["hosts"]["ha1"]["roles"]

    def test_hactl_status_shows_it(self, tmp_path: Path) -> None:
        """In a program of one's own that registers the kind and then is `hactl`, with the outputs that `up` gave."""
        done = status(tmp_path, "from tests.kinds import toy; toy.register()")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "motd: Mind the gap. (ha1, mdb1)" in done.stdout.splitlines()
        assert "stack dev: healthy" in done.stdout

    def test_a_hactl_that_does_not_know_it_says_so(self, tmp_path: Path) -> None:
        done = status(tmp_path, "")
        assert done.returncode == 4
        assert "the component motd is of the kind motd, which this hactl does not know" in done.stdout


def test_without_it_its_section_is_unknown() -> None:
    assert any(line.startswith("motd: is not a known key") for line in check_config(changed(NOTE)))


def test_every_room_knows_the_same_kinds() -> None:
    assert kinds.KINDS.keys() == plan_kinds.KINDS.keys() == component_kinds.KINDS.keys() == ops_kinds.KINDS.keys()
