"""Stack files of the examples are good but for what only their reader can know."""

from __future__ import annotations

import yaml

from plan.secrets import Secrets
from settings import check_config
from tests.conftest import ROOT, TEST_SECRET


def test_bare_metal_lacks_only_host_keys_and_secret() -> None:
    config = yaml.safe_load((ROOT / "examples/bare_metal/Pulumi.metal.yaml").read_text())["config"]
    messages = check_config(config, "metal")
    assert len(messages) == 6
    assert all("ssh_host_key" in message or "stack_secret" in message for message in messages)
    for name, host in config["mariadb-ha:hosts"].items():
        host["ssh_host_key"] = Secrets(stack="metal", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", name).public
    config["mariadb-ha:stack_secret"] = TEST_SECRET
    assert check_config(config, "metal") == []
