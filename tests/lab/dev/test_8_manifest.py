"""What was made of the VMs, written down to be compared with the bare-metal hosts (tests/lab/metal)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lab.metal.servers import HOSTS, MANIFEST
from tests.lab.stacks import Stack


@pytest.mark.matrix
def test_the_vms_are_written_down(stack: Stack, vm_manifests: Path) -> None:
    assert stack.healthy_within(), stack.hactl("status").out
    manifests = {}
    for host in HOSTS:
        done = stack.ssh(host, "sudo python3 -", stdin=MANIFEST)
        assert done.code == 0, done.out
        manifests[host] = json.loads(done.out)
        assert manifests[host]["files"], host
    vm_manifests.parent.mkdir(parents=True, exist_ok=True)
    vm_manifests.write_text(json.dumps(manifests))
