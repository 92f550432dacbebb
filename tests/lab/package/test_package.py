"""A master-master pair that a program in YAML declares by the package (`plugin/`), on two container hosts, and hactl
with it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from plan.secrets import Secrets
from tests.conftest import TEST_SECRET
from tests.lab.servers import forget
from tests.lab.stacks import ROOT, Run, Stack, run

pytestmark = pytest.mark.matrix

#: As the package names it: the program's stack and the component's name.
NAME = "test-orders"
LAB = "pkg"
HOSTS = {"db1": "172.16.21.51", "db2": "172.16.21.52"}
VIP = "172.16.21.50"
GATEWAY = "172.16.21.1"
#: An application: connects as standard input says, writes, reads.
CLIENT = """
import json, sys, pymysql
cursor = pymysql.connect(**json.load(sys.stdin), autocommit=True).cursor()
cursor.execute("CREATE TABLE t (id INT PRIMARY KEY)")
cursor.execute("INSERT INTO t VALUES (1)")
cursor.execute("SELECT id FROM t")
print(cursor.fetchall())
"""


@dataclass
class Declared(Stack):
    """The stack, and the program that declares it, in a folder of its own."""

    folder: Path = ROOT

    def program(self, *words: str) -> Run:
        """Pulumi in the program's folder, from the lab's network."""
        state = {
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state?no_tmp_dir=true",
            "PULUMI_CONFIG_PASSPHRASE": "package",
        }
        command = ("lab/run", "pulumi", "-C", self.folder / "program", "--non-interactive", *words)
        return run(*command, timeout=1800, env={**self.env, **state}, errors=False)

    def must(self, *words: str) -> str:
        """Its words; the command has to succeed."""
        done = self.program(*words)
        assert done.code == 0, done.out[-5000:]
        return done.out


def example(plugin: Path) -> str:
    """The example's program with the lab's addresses."""
    document = yaml.safe_load((ROOT / "examples/component-yaml/Pulumi.yaml").read_text())
    document["packages"] = {"mariadb-ha": str(plugin)}
    inputs = document["resources"]["orders"]["properties"]
    inputs["network"] = {"cidr": "172.16.21.0/24", "interface": "host0", "ntp": [GATEWAY]}
    inputs["ssh"] = {"user": "admin", "admin_cidrs": ["172.16.21.0/24"]}
    inputs["masterMaster"]["vip"] = VIP
    for host, address in HOSTS.items():
        inputs["hosts"][host]["address"] = address
    return yaml.safe_dump(document, sort_keys=False)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Declared]:
    """Up, on hosts that admit the key which the package derives from the stack's secret."""
    folder = tmp_path_factory.mktemp("package")
    made = Declared(NAME, lab=LAB, port=13318, folder=folder)
    forget(made)
    key = Secrets(stack=NAME, stack_secret=TEST_SECRET).ssh_key("admin-ssh-key")
    try:
        assert made.run("lab/start").code == 0
        hosts = (f"{name}={address}:container" for name, address in HOSTS.items())
        done = made.run("lab/hosts", "up", "--authorized-key", key.public, *hosts, timeout=3600)
        assert done.code == 0, done.out
        (folder / "state").mkdir()
        (folder / "program").mkdir()
        (folder / "program/Pulumi.yaml").write_text(example(ROOT / "plugin"))
        made.must("stack", "init", "test")
        made.must("config", "set", "--secret", "stackSecret", TEST_SECRET)
        for host in HOSTS:
            public = made.run("lab/hosts", "key", host).out.strip()
            made.must("config", "set", "--path", f"hostKeys.{host}", public)
        made.must("up", "--yes", "--skip-preview")
        # hactl takes the user's own key where the stack has none here; the lab's user has this one.
        made.state.mkdir(parents=True, exist_ok=True)
        (made.state / "id_ed25519").touch(mode=0o600)
        (made.state / "id_ed25519").write_text(key.private)
        outputs = folder / "outputs.json"
        outputs.write_text(made.must("stack", "output", "--json", "--show-secrets"))
        done = made.hactl("inventory", "--outputs", str(outputs))
        assert done.code == 0, done.out
        yield made
    finally:
        made.run("lab/stop")
        forget(made)


def test_status_is_healthy_and_one_host_takes_writes(stack: Declared) -> None:
    assert stack.healthy_within(), stack.hactl("status").out
    assert stack.status()["vip_holders"] == {VIP: ["db1"]}


def test_its_outputs_lead_an_application_to_the_writer(stack: Declared) -> None:
    outputs = json.loads((stack.folder / "outputs.json").read_text())
    account, writer = outputs["databases"]["app"]["accounts"]["app"], outputs["writer"]
    given = {
        "host": writer["host"],
        "port": writer["port"],
        "user": account["username"],
        "password": account["password"],
        "database": "app",
    }
    done = stack.run("lab/run", sys.executable, "-c", CLIENT, stdin=json.dumps(given))
    assert done.code == 0, done.out
    assert done.out.strip() == "((1,),)"
    assert not (stack.state / "inventory.json").read_text().count(account["password"])


def test_a_second_up_changes_nothing(stack: Declared) -> None:
    done = stack.program("preview", "--expect-no-changes")
    assert done.code == 0, done.out[-5000:]


def test_switchover_by_hactl(stack: Declared) -> None:
    done = stack.hactl("switchover", "--yes")
    assert done.code == 0, done.out
    assert stack.healthy_within(), stack.hactl("status").out
    assert stack.status()["vip_holders"] == {VIP: ["db2"]}


def test_destroy_gives_the_servers_back(stack: Declared) -> None:
    stack.must("destroy", "--yes", "--skip-preview")
    for host in HOSTS:
        left = stack.ssh(host, "ls -d /usr/local/lib/mariadb-ha /etc/mariadb-ha").out
        assert left.count("No such file") == 2, left
