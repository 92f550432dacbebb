"""The package for programs in other languages: its schema, and systems declared in YAML and TypeScript."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental.util import camel_case

from plan.secrets import Secrets
from settings.keys import known_keys
from tests.conftest import ROOT, TEST_SECRET
from tests.languages.standin import Backend

PLUGIN = ROOT / "plugin/pulumi-resource-mariadb-ha"
TOKEN = "mariadb-ha:index:MariadbHa"
KEYS = {
    host: Secrets(stack="test", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", host).public
    for host in ("db1", "db2")
}
TYPESCRIPT = """
import * as pulumi from "@pulumi/pulumi";

class MariadbHa extends pulumi.ComponentResource {
    declare readonly writer: pulumi.Output<{ host: string; port: number }>;
    declare readonly databases: pulumi.Output<object>;
    constructor(name: string, args: pulumi.Inputs) {
        super("mariadb-ha:index:MariadbHa", name, { writer: undefined, ...args }, {}, true);
    }
}
const config = new pulumi.Config();
const args = config.requireObject<pulumi.Inputs>("args");
const orders = new MariadbHa("orders", { ...args, stackSecret: config.requireSecret("stackSecret") });
export const writer = orders.writer;
export const databases = orders.databases;
"""


@pytest.fixture(autouse=True)
def no_way_to_the_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview looks at the servers; here none is to be reached, which is a warning."""
    ssh = tmp_path / "bin/ssh"
    ssh.parent.mkdir()
    ssh.write_text("#!/bin/sh\necho 'ssh: connect to host: No route to host' >&2\nexit 255\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", str(ssh.parent), prepend=":")


@pytest.fixture(scope="module")
def schema(backend: Backend) -> dict[str, Any]:
    """As the engine reads it from the package."""
    return dict(json.loads(backend.pulumi(".", "package", "get-schema", str(PLUGIN))))


@pytest.fixture
def program(backend: Backend) -> str:
    """The example in YAML, in a stack of its own."""
    name = "component-yaml"
    shutil.rmtree(backend.folder / name, ignore_errors=True)
    shutil.copytree(ROOT / "examples" / name, backend.folder / name)
    file = backend.folder / name / "Pulumi.yaml"
    text = file.read_text()
    assert "../../plugin" in text
    file.write_text(text.replace("../../plugin", str(PLUGIN.parent)))
    stack(backend, name, {f"hostKeys.{host}": key for host, key in KEYS.items()})
    return name


def stack(backend: Backend, name: str, settings: dict[str, str]) -> None:
    """A fresh stack of a project with these settings, and the secret that the package wants."""
    backend.pulumi(name, "stack", "rm", "--force", "--yes", "test", good=None)
    backend.pulumi(name, "stack", "init", "test")
    backend.configure(name, plaintext=settings, secret={"stackSecret": TEST_SECRET})


def test_the_schema_has_every_section_of_a_stack_file_and_every_key_of_the_contract(schema: dict[str, Any]) -> None:
    resource = schema["resources"][TOKEN]
    sections = {camel_case(key) for key in known_keys()} - {"stackSecretFile"}
    assert set(resource["inputProperties"]) == sections
    assert set(resource["requiredInputs"]) == {"stackSecret", "network", "hosts"}
    contract = json.loads((ROOT / "docs/contract.schema.json").read_text())
    assert set(resource["properties"]) == {camel_case(key) for key in contract["properties"]}
    assert {camel_case(key) for key in contract["required"]} <= set(resource["required"])
    for each in (*resource["inputProperties"].values(), *resource["properties"].values()):
        assert each["description"]


def test_a_program_in_yaml_declares_a_system(backend: Backend, program: str) -> None:
    said = backend.pulumi(program, "preview", "--json")
    assert TEST_SECRET not in said
    assert "`up` would be refused as the bare-metal hosts are now" in said
    made = {step["urn"].rpartition("::")[2]: step["newState"] for step in json.loads(said)["steps"]}
    assert made["orders"]["type"] == TOKEN
    assert made["test-orders-db1"]["parent"].endswith(f"::{TOKEN}::orders")
    assert "priority 150" in made["test-orders-db1"]["inputs"]["files"], "the first by name is the first of the pair"
    assert "test-orders-db2-files" in made


def test_a_mistake_is_a_message_that_shows_no_secret(backend: Backend, program: str) -> None:
    file = backend.folder / program / "Pulumi.yaml"
    text = file.read_text()
    file.write_text(text.replace("{app: {}}", "{app: {password: '${stackSecret}', priv: []}}"))
    assert file.read_text() != text
    said = backend.pulumi(program, "preview", good=False)
    assert "the settings of orders cannot be used; nothing was touched" in said
    assert "databases.app.accounts.app.priv: is not a known key" in said
    assert "Traceback" not in said
    assert ".py" not in said
    assert TEST_SECRET not in said


def test_a_program_in_typescript_declares_a_system(backend: Backend) -> None:
    name = "component-typescript"
    folder = backend.folder / name
    folder.mkdir()
    plugins = {"providers": [{"name": "mariadb-ha", "path": str(PLUGIN.parent)}]}
    project = {"name": name, "runtime": "nodejs", "plugins": plugins}
    (folder / "Pulumi.yaml").write_text(json.dumps(project))
    for file in ("package.json", "tsconfig.json"):
        shutil.copy(ROOT / "examples/application-typescript" / file, folder / file)
    (folder / "node_modules").symlink_to(ROOT / ".cache/languages/node_modules")
    (folder / "index.ts").write_text(TYPESCRIPT)
    args = {
        "network": {"cidr": "10.1.0.0/24", "interface": "eno1"},
        "hosts": {
            host: {"address": f"10.1.0.5{host[-1]}", "provisioner": "bare-metal", "ssh_host_key": key}
            for host, key in KEYS.items()
        },
        "masterMaster": {"vip": "10.1.0.50", "virtual_router_id": 61, "members": {"db1": {}, "db2": {}}},
        "databases": {"app": {"accounts": {"app": {}}}},
    }
    stack(backend, name, {"args": json.dumps(args)})
    said = backend.pulumi(name, "preview")
    assert "test-orders-db2-files" in said
    assert "10.1.0.50" in said
    assert re.search(r"databases *: \[secret\]", said)
    assert TEST_SECRET not in said
