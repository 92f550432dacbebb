"""The inventory of a stack that plain `pulumi up` made, and of one of `make up`: whose backend, whose keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops import outputs
from ops.errors import Exit, OpsError
from ops.hosts.shell import Ssh
from ops.inventory import parse
from tests.ops import stack

PULUMI = """#!/bin/sh
echo "$PULUMI_BACKEND_URL in $PWD" >"{root}/asked"
cat "{root}/outputs.json"
"""
TOOLCHAIN = '#!/bin/sh\nPULUMI_BACKEND_URL=checkout exec "$@"\n'


def program(file: Path, text: str) -> None:
    """An executable."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a toolchain, and a stack's outputs in whatever backend is asked."""
    clear: dict[str, Any] = {
        key: value for key, value in stack.inventory_data().items() if key not in ("access", "stack")
    }
    for host, entry in clear["hosts"].items():
        entry["ssh_host_key"] = f"ssh-ed25519 {host}"
    clear["hosts"]["mdb3"]["ssh_port"] = 2222
    (tmp_path / "outputs.json").write_text(json.dumps(clear))
    program(tmp_path / ".cache/toolchain/bin/pulumi", PULUMI.format(root=tmp_path))
    program(tmp_path / "toolchain/run", TOOLCHAIN)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "users-own")
    return tmp_path


def written(root: Path, name: str) -> dict[str, Any]:
    """The inventory's way to the hosts."""
    access: dict[str, Any] = json.loads(outputs.write_inventory(name, root).read_text())["access"]
    return access


def test_a_plain_stack_is_read_from_the_users_own_backend(root: Path) -> None:
    written(root, "prod")
    assert (root / "asked").read_text() == f"users-own in {root}\n"


def test_a_stack_of_make_up_is_read_with_the_toolchain(root: Path) -> None:
    (root / ".state/dev").mkdir(parents=True)
    (root / ".state/dev/Pulumi.yaml").touch()
    written(root, "dev")
    assert (root / "asked").read_text() == f"checkout in {root}/.state/dev\n"


def test_a_plain_stack_gets_its_host_keys_and_the_users_login(root: Path) -> None:
    assert written(root, "prod") == {"known_hosts": ".state/prod/known_hosts"}
    lines = (root / ".state/prod/known_hosts").read_text().splitlines()
    assert "172.16.21.201 ssh-ed25519 ha1" in lines
    assert "[172.16.21.182]:2222 ssh-ed25519 mdb3" in lines
    (root / ".state/prod/known_hosts").write_text("of a host that was replaced\n")
    written(root, "prod")
    assert (root / ".state/prod/known_hosts").read_text().splitlines() == lines


HOSTS = """#!/bin/sh
[ "$1" = add-client-addresses ] && [ "$LAB_NAME" = metal ] || exit 1
echo "a word on standard output"
for each in 10 11 12; do echo "172.16.21.$each"; done
"""


def in_a_lab(root: Path, lab: str, hosts: dict[str, str]) -> None:
    """As lab/hosts writes its hosts down."""
    for name, address in hosts.items():
        folder = root / ".state/lab" / lab / "hosts" / name
        folder.mkdir(parents=True)
        (folder / "spec").write_text(f"{name} {address} 1024 baked container -\n")


def of_servers(root: Path) -> dict[str, str]:
    """The stack's hosts become servers; their addresses by name."""
    clear = json.loads((root / "outputs.json").read_text())
    for entry in clear["hosts"].values():
        entry["provisioner"] = "bare-metal"
    clear["hosts"]["mdb3"]["address"] = "172.16.21.12"  # one of those that the lab gives clients
    (root / "outputs.json").write_text(json.dumps(clear))
    program(root / "lab/hosts", HOSTS)
    return {name: entry["address"] for name, entry in clear["hosts"].items()}


def test_servers_of_a_lab_are_reached_through_it_without_a_word(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is a stack of plain `pulumi up`; clients come from the addresses that the lab gives."""
    monkeypatch.delenv("LAB_NAME", raising=False)
    hosts = of_servers(root)
    in_a_lab(root, "metal", hosts)
    in_a_lab(root, "other", dict(list(hosts.items())[:2]))
    access = written(root, "prod")
    assert access["run"] == ["env", "LAB_NAME=metal", "lab/run"]
    assert access["power"] == ["env", "LAB_NAME=metal", "lab/power"]
    assert access["client_addresses"] == ["172.16.21.10", "172.16.21.11"]


def test_servers_of_no_lab_or_of_two_are_reached_directly(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_NAME", raising=False)
    hosts = of_servers(root)
    in_a_lab(root, "metal", {**hosts, "mdb1": "172.16.21.99"})
    assert "run" not in written(root, "prod"), "another address is another host"
    in_a_lab(root, "a", hosts)
    in_a_lab(root, "b", hosts)
    assert "run" not in written(root, "prod"), "nobody can tell which of two"
    monkeypatch.setenv("LAB_NAME", "b")
    assert written(root, "prod")["run"] == ["env", "LAB_NAME=b", "lab/run"]


def test_what_make_up_wrote_stays_as_long_as_it_is_there(root: Path) -> None:
    work = root / ".state/dev"
    work.mkdir(parents=True)
    access = {"run": ["lab/run"], "ssh_key": ".state/dev/id_ed25519", "known_hosts": ".state/dev/known_hosts"}
    (work / "access.json").write_text(json.dumps(access))
    (work / "id_ed25519").touch()
    (work / "known_hosts").write_text("as it was\n")
    assert written(root, "dev") == access
    assert (work / "known_hosts").read_text() == "as it was\n"
    (work / "id_ed25519").unlink()
    (work / "known_hosts").unlink()
    assert written(root, "dev") == {"run": ["lab/run"], "known_hosts": ".state/dev/known_hosts"}
    assert "ssh-ed25519 ha1" in (work / "known_hosts").read_text()


@pytest.mark.parametrize(
    ("access", "words"),
    [
        ({}, ".state/dev/id_ed25519 is not there, so your own keys and ssh-agent were tried"),
        ({"ssh_key": "gone"}, "gone is not there"),
        ({"ssh_key": "outputs.json"}, "the key outputs.json was offered"),
    ],
)
def test_a_refused_login_names_the_key(
    root: Path, monkeypatch: pytest.MonkeyPatch, access: dict[str, str], words: str
) -> None:
    program(root / "bin/ssh", "#!/bin/sh\necho 'debian@172.16.21.201: Permission denied (publickey).' >&2\nexit 255\n")
    monkeypatch.setenv("PATH", f"{root}/bin:/usr/bin:/bin")
    answer = Ssh(inventory=parse(stack.inventory_data() | {"access": access}, "test"), root=root).run("ha1", "true")
    assert not answer.reached
    assert answer.error == f"debian@172.16.21.201: Permission denied (publickey).; {words}"
    assert (
        "-i" in Ssh(inventory=parse(stack.inventory_data() | {"access": access}, "test"), root=root).command("ha1")
    ) is bool(access)


def test_outputs_of_another_program_are_taken_from_a_file(root: Path) -> None:
    """A system that a program in another language has declared: Pulumi is not asked, secrets are left out."""
    text = (root / "outputs.json").read_text().replace('"username": "app"', '"username": "app", "password": "hunter2"')
    assert "hunter2" in text
    file = outputs.write_inventory("orders", root, outputs.given_outputs(text, "outputs.json"))
    assert "hunter2" not in file.read_text()
    assert parse(json.loads(file.read_text()), "test").stack == "orders"
    assert (root / ".state/orders/known_hosts").exists(), "the hosts' keys are those of the outputs"
    assert not (root / "asked").exists()


@pytest.mark.parametrize(("text", "words"), [("{", "are not JSON"), ("[]", "are not a JSON object")])
def test_what_is_no_outputs_is_refused(text: str, words: str) -> None:
    with pytest.raises(OpsError, match=words) as caught:
        outputs.given_outputs(text, "orders.json")
    assert "orders.json" in caught.value.what
    assert "pulumi stack output --json" in str(caught.value.todo)
    assert caught.value.code is Exit.REFUSED
