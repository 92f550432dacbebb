"""The policy pack in the pinned engine: `pulumi preview --policy-pack policy`, against a libvirtd of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.preview.test_preview import ROOT, Workspace, uri, workspace  # noqa: F401

pytestmark = pytest.mark.preview
PACK = ["--policy-pack", str(ROOT / "policy")]


def test_a_preview_of_an_unprotected_stack_does_not_pass(workspace: Workspace, tmp_path: Path) -> None:  # noqa: F811
    said = tmp_path / "policy.json"
    said.write_text(json.dumps({"one-hypervisor": {"not_for": ["plain"]}}))
    config = ["--policy-pack-config", str(said)]
    good = workspace.pulumi("preview", "--stack", "plain", *PACK, *config)
    assert "[mandatory]" not in good.stdout
    alone = workspace.pulumi("preview", "--stack", "plain", *PACK, good=False)
    assert alone.returncode != 0
    assert "lie on one hypervisor" in alone.stdout
    workspace.config["mariadb-ha:hypervisor"]["protect_data_volumes"] = False
    workspace.write()
    bad = workspace.pulumi("preview", "--stack", "plain", *PACK, *config, good=False)
    assert bad.returncode != 0
    for node in ("mdb1", "mdb2", "mdb3"):
        assert f"the data volume plain-{node}-data is not protected" in bad.stdout
    assert "lie on one hypervisor" not in bad.stdout
