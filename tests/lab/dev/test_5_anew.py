"""What only a first boot can set needs a VM made anew: said by the preview, refused while the VM is protected."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.lab.changing import stack_file_says
from tests.lab.stacks import Run, Stack


@pytest.mark.matrix
def test_what_needs_a_vm_made_anew_is_said_and_refused_while_protected(stack: Stack, tmp_path: Path) -> None:
    """Another address: only a first boot can set it."""

    def preview(*, protect: bool) -> Run:
        document = yaml.safe_load((stack.state / "Pulumi.dev.yaml").read_text())
        document["config"]["mariadb-ha:hosts"]["mdb3"]["address"] = "172.16.21.199"
        document["config"]["mariadb-ha:hypervisor"]["protect_database_hosts"] = protect
        (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump(document))
        return stack.pulumi("preview", "--diff", "--config-file", tmp_path / "Pulumi.dev.yaml", "--color", "never")

    said = preview(protect=False)
    assert said.code == 0, said.out
    replaced = [line for line in said.out.splitlines() if "libvirt:index/domain:Domain: (replace)" in line]
    assert len(replaced) == 1, said.out
    try:
        with stack_file_says(stack, {"hypervisor": {"protect_database_hosts": True}}):
            protected = stack.make("up")
        assert protected.code == 0, protected.out
        refused = preview(protect=True)
        assert refused.code != 0
        assert "dev-mdb3-domain" in refused.out
        assert "protect" in refused.out
    finally:
        lifted = stack.make("up")
    assert lifted.code == 0, lifted.out
    assert stack.healthy_within()
