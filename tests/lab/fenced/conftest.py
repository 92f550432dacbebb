"""A DRBD pair without MariaDB on two VMs, fenced by the lab's own libvirt over SSH, as a hypervisor is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.conftest import stack_config
from tests.lab.fenced.hypervisor import ADDRESS, PORT, USER, Hypervisor
from tests.lab.servers import forget
from tests.lab.stacks import ROOT, Stack


def settings(host_key: str) -> dict[str, Any]:
    """The stack `drbd` with a file system for files on its device, and with fencing."""
    config = stack_config("drbd")
    del config["mariadb-ha:databases"], config["mariadb-ha:drbd"]["split_brain_drill"]
    config["mariadb-ha:drbd"] |= {
        "mariadb": False,
        "filesystem": "xfs",
        "fencing": {
            "agent": "libvirt",
            "libvirt": {"host": ADDRESS, "port": PORT, "user": USER, "host_key": host_key},
        },
    }
    return config


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The stack that is up and healthy; its key is admitted at the hypervisor."""
    made = Stack("drbd-fenced", lab="fenced", port=13321)
    forget(made)
    hypervisor = Hypervisor(ROOT / ".state/tests/hypervisor", made)
    made.file.write_text(yaml.safe_dump({"config": settings(hypervisor.host_key)}, sort_keys=False))
    try:
        made.resumed = made.make("up")
        assert made.resumed.code == 0, made.resumed.out[-5000:]
        with hypervisor.listening(made.outputs["components"]["drbd"]["fencing_authorized_key"]):
            yield made
    finally:
        made.make("down")
        made.file.unlink(missing_ok=True)
