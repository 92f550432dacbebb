"""A kind that no file of the house knows is checked, planned and previewed."""

from __future__ import annotations

from typing import Any

import pytest

from components import kinds as component_kinds
from plan import kinds as plan_kinds
from plan import make_plan
from settings import check_config, kinds, reference
from tests.conftest import make_context
from tests.graph.test_graph import graph
from tests.unit.settings_config import changed

NOTE: dict[str, Any] = {"motd": {"members": ["ha1", "mdb1"], "text": "Mind the gap."}}


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


def test_without_it_its_section_is_unknown() -> None:
    assert any(line.startswith("motd: is not a known key") for line in check_config(changed(NOTE)))


def test_every_room_knows_the_same_kinds() -> None:
    assert kinds.KINDS.keys() == plan_kinds.KINDS.keys() == component_kinds.KINDS.keys()
