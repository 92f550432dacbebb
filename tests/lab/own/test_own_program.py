"""A program of one's own that uses the components, against a second libvirtd reached by a plain URI, with a guest whose
packages are not baked in: they come from a package repository, as on any user's server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from plan.secrets import Secrets
from tests.conftest import TEST_SECRET
from tests.lab.stacks import ROOT

#: Packages are installed on an emulated guest: seven minutes. In `make test` tests/lab/metal has hosts without them.
pytestmark = pytest.mark.matrix
LAB = {**os.environ, "LAB_NAME": "own"}
SSH = ["-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=15"]


def lab(*words: str | Path, timeout: float = 900) -> str:
    """A command of the second lab."""
    done = subprocess.run(
        [str(word) for word in words], cwd=ROOT, env=LAB, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example's project with its configuration; the second lab and its package repository run."""
    folder = tmp_path_factory.mktemp("own")
    image = lab("lab/image", "--unbaked").strip()
    lab("lab/start")
    try:
        project = yaml.safe_load((ROOT / "examples/own_program/Pulumi.yaml").read_text())
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({**project, "main": str(ROOT / "examples/own_program")}))
        config = {"uri": lab("lab/uri").strip(), "image": image, "poolPath": str(folder / "pools")}
        (folder / "Pulumi.own.yaml").write_text(
            yaml.safe_dump({"config": {f"own-program:{key}": value for key, value in config.items()}})
        )
        (folder / "state").mkdir()
        pulumi(folder, "stack", "init", "own")
        pulumi(folder, "config", "set", "--secret", "stackSecret", TEST_SECRET)
        yield folder
    finally:
        subprocess.run(["lab/stop"], cwd=ROOT, env=LAB, check=False)
        shutil.rmtree(ROOT / ".state/lab/own", ignore_errors=True)


def pulumi(folder: Path, *words: str) -> str:
    """Plain Pulumi inside the second lab's network."""
    variables = [f"PULUMI_BACKEND_URL=file://{folder}/state", "PULUMI_CONFIG_PASSPHRASE=own", f"PYTHONPATH={ROOT}"]
    return lab("lab/run", "env", *variables, "pulumi", "-C", folder, "--non-interactive", *words)


def test_packages_are_installed_and_the_cluster_of_one_serves(workspace: Path) -> None:
    repo = subprocess.Popen(
        ["sh", "-c", "until lab/run ip -4 addr | grep -q 172.16.21.1/; do sleep 1; done; lab/repo"], cwd=ROOT, env=LAB
    )
    try:
        out = pulumi(workspace, "up", "--yes", "--skip-preview")
    finally:
        repo.wait(timeout=60)
    assert "own-orders-accounts" in out
    secrets = Secrets(stack="own", stack_secret=TEST_SECRET)
    key = workspace / "id_ed25519"
    key.touch(mode=0o600)
    key.write_text(secrets.ssh_key("admin-ssh-key").private)
    known = workspace / "known_hosts"
    known.write_text(f"172.16.21.10 {secrets.ssh_key('ssh-host-key', 'db1').public}\n")
    login = ["lab/run", "ssh", "-i", key, "-o", f"UserKnownHostsFile={known}", *SSH, "debian@172.16.21.10"]
    assert lab(*login, "sudo mariadb -N -B -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"").split()[-1] == "Synced"
    installed = lab(*login, "grep -c ' install mariadb-server' /var/log/dpkg.log")
    assert int(installed) >= 1, "the package came by apt at the first boot"
    assert "nothing to do" in lab(*login, "sudo /usr/local/lib/mariadb-ha/provision")


def test_a_second_up_changes_nothing(workspace: Path) -> None:
    pulumi(workspace, "preview", "--expect-no-changes")


def test_destroy_leaves_nothing(workspace: Path) -> None:
    pulumi(workspace, "destroy", "--yes", "--skip-preview")
    uri = lab("lab/uri").strip()
    for words in (("list", "--all", "--name"), ("net-list", "--all", "--name"), ("pool-list", "--all", "--name")):
        assert not subprocess.run(
            ["virsh", "-q", "-c", uri, *words], capture_output=True, text=True, check=True
        ).stdout.strip()
