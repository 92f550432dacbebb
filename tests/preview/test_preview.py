"""`pulumi preview` with the real CLI, against a second libvirtd in a namespace of its own that is reached by a plain
URI.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import TEST_SECRET, dev_config

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.preview
LAB = {**os.environ, "LAB_NAME": "preview"}


@pytest.fixture(scope="module")
def uri() -> Iterator[str]:
    """A libvirtd of its own."""
    subprocess.run(["lab/start"], cwd=ROOT, env=LAB, check=True)
    try:
        yield subprocess.run(["lab/uri"], cwd=ROOT, env=LAB, check=True, capture_output=True, text=True).stdout.strip()
    finally:
        subprocess.run(["lab/stop"], cwd=ROOT, env=LAB, check=True)


class Workspace:
    """What a user has who runs plain Pulumi: a stack file, a backend, a secret."""

    def __init__(self, folder: Path, uri: str) -> None:
        self.folder = folder
        (folder / "state").mkdir()
        self.env = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "preview",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({**project, "main": str(ROOT)}))
        self.config = dev_config()
        self.config["mariadb-ha:hypervisor"] = {"uri": uri, "domain_type": "qemu"}
        del self.config["mariadb-ha:stack_secret_file"]
        self.write()
        self.pulumi("stack", "init", "plain")
        self.pulumi("config", "set", "--secret", "mariadb-ha:stack_secret", TEST_SECRET)
        self.config["mariadb-ha:stack_secret"] = self.stored()["config"]["mariadb-ha:stack_secret"]

    @property
    def file(self) -> Path:
        """The stack file."""
        return self.folder / "Pulumi.plain.yaml"

    def stored(self) -> dict[str, Any]:
        """The stack file as Pulumi left it."""
        return dict(yaml.safe_load(self.file.read_text()))

    def write(self) -> None:
        """Puts the configuration into the stack file, Pulumi's salt kept."""
        document = self.stored() if self.file.exists() else {}
        self.file.write_text(yaml.safe_dump({**document, "config": self.config}))

    def pulumi(self, *words: str, good: bool = True) -> subprocess.CompletedProcess[str]:
        """One command of the CLI."""
        done = subprocess.run(
            ["pulumi", "-C", str(self.folder), "--non-interactive", *words],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not good or done.returncode == 0, done.stdout + done.stderr
        return done


@pytest.fixture
def workspace(tmp_path: Path, uri: str) -> Workspace:
    """A fresh workspace."""
    return Workspace(tmp_path, uri)


def test_first_preview_shows_every_resource_and_no_secret(workspace: Workspace) -> None:
    done = workspace.pulumi("preview", "--stack", "plain", "--json")
    steps = json.loads(done.stdout)["steps"]
    created = {step["urn"].rsplit("::", 1)[-1] for step in steps if step["op"] == "create"}
    assert {"plain-mdb1-domain", "plain-mdb1-data", "plain-galera-bootstrap", "plain-directors-direct-ha1"} <= created
    assert len([name for name in created if name.endswith("-domain")]) == 5
    assert TEST_SECRET not in done.stdout
    files = {
        host: next(step for step in steps if step["urn"].endswith(f"::plain-{host}"))["newState"]["inputs"]["files"]
        for host in ("ha1", "mdb1")
    }
    assert "/etc/keepalived/conf.d/50-vrrp-directors.conf:     virtual_router_id 51\n" in files["ha1"], (
        "plain files can be read in a preview"
    )
    assert "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf: [secret] " in files["mdb1"]
    assert "wsrep_sst_auth =" not in done.stdout


def test_data_volumes_and_their_vms_are_protected_unless_said_otherwise(workspace: Workspace) -> None:
    steps = json.loads(workspace.pulumi("preview", "--stack", "plain", "--json").stdout)["steps"]
    protected = {step["urn"].rsplit("::", 1)[-1] for step in steps if step["newState"].get("protect")}
    assert protected == {f"plain-{host}-{kind}" for host in ("mdb1", "mdb2", "mdb3") for kind in ("data", "domain")}


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("directors", {"vip": "172.16.21.180"}, ["directors.vip", "mdb1"]),
        ("directors", {"virtual_router_id": 999}, ["directors.virtual_router_id", "255"]),
        ("galera", {"members": ["mdb1", "mdb2"]}, ["galera.members", "even number"]),
        ("hypervisor", {"uri": "qemu+tcp://127.0.0.1:1/system"}, ["hypervisor.uri"]),
    ],
)
def test_a_mistake_is_a_message_never_a_traceback(
    workspace: Workspace, section: str, change: dict[str, Any], words: list[str]
) -> None:
    key = f"mariadb-ha:{section}"
    workspace.config[key] = {**workspace.config[key], **change}
    workspace.write()
    done = workspace.pulumi("preview", "--stack", "plain", good=False)
    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in text
    assert "nothing was touched" in text
    for word in words:
        assert word in text


def test_a_missing_secret_says_what_to_do(workspace: Workspace) -> None:
    del workspace.config["mariadb-ha:stack_secret"]
    workspace.write()
    done = workspace.pulumi("preview", "--stack", "plain", good=False)
    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in text
    assert "pulumi config set --secret" in text
