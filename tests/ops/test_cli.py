"""The command line: exit codes, one JSON object, words instead of tracebacks. Hosts are a fake `ssh` on PATH."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops import outputs
from ops.errors import Exit, OpsError
from ops.hosts.shell import Ssh
from ops.inventory import load, parse
from tests.conftest import ROOT
from tests.ops import stack
from tests.ops.hactl import ANSWERING_SSH, Hactl, healthy_answers, make_hactl
from tests.ops.stack import without_directors


@pytest.fixture
def hactl(tmp_path: Path) -> Hactl:
    """hactl of a healthy stack."""
    return make_hactl(tmp_path, stack.inventory_data(), ssh=ANSWERING_SSH, answers=healthy_answers())


EITHER_SIDE = [
    ("status", "--json"),
    ("--json", "status"),
    ("--stack", "dev", "status", "--json"),
    ("status", "--stack", "dev", "--json"),
]


@pytest.mark.parametrize("arguments", EITHER_SIDE)
def test_status_json_of_a_healthy_stack(hactl: Hactl, arguments: tuple[str, ...]) -> None:
    done = hactl(*arguments)
    assert done.returncode == Exit.GOOD, done.stdout + done.stderr
    data = json.loads(done.stdout)
    assert data["healthy"] is True
    assert data["vip_holders"] == {stack.VIP: ["ha1"]}
    assert data["hosts"]["ha2"]["vrrp_state"] == "BACKUP"
    assert data["hosts"]["mdb1"]["wsrep"]["cluster integrity"]["wsrep_cluster_size"] == "3"
    assert list(data["hosts"]["mdb1"]["wsrep"]) == [
        "cluster integrity",
        "node status",
        "replication health",
        "slow network",
        "conflicts",
    ]


def test_status_for_people(hactl: Hactl) -> None:
    done = hactl("status")
    assert done.returncode == Exit.GOOD
    for words in (
        "Directors",
        "MASTER",
        "BACKUP",
        "IPVS",
        "rr persistent 50",
        "wsrep_cluster_conf_id",
        "mdb1 (reference)",
        "ok: Synced",
        "healthy",
    ):
        assert words in done.stdout


def test_status_of_a_sick_stack(hactl: Hactl, tmp_path: Path) -> None:
    (tmp_path / "answers" / "172.16.21.202").unlink()
    done = hactl("status")
    assert done.returncode == Exit.UNHEALTHY
    assert (
        "ha2: unreachable over SSH at 172.16.21.202 (ssh: connect to host 172.16.21.202 port 22: No route to host)"
        in done.stdout
    )
    assert "To do:" in done.stdout


def test_status_when_nothing_answers(hactl: Hactl, tmp_path: Path) -> None:
    for answer in (tmp_path / "answers").iterdir():
        answer.unlink()
    assert hactl("status", "--json").returncode == Exit.UNREACHABLE


def test_a_host_whose_state_could_not_be_had_is_no_sick_stack(hactl: Hactl, tmp_path: Path) -> None:
    (tmp_path / "answers" / "172.16.21.181").write_text("this is not what host-facts prints")
    done = hactl("status")
    assert done.returncode == Exit.UNKNOWN
    assert "slow to answer over SSH at 172.16.21.181" in done.stdout
    assert "unreachable" not in done.stdout
    assert "nothing is known to be wrong" in done.stdout
    data = json.loads(hactl("status", "--json").stdout)
    assert (data["healthy"], data["unknown"]) == (False, True)


def test_what_is_wrong_outranks_what_is_unknown(hactl: Hactl, tmp_path: Path) -> None:
    (tmp_path / "answers" / "172.16.21.181").write_text("?")
    (tmp_path / "answers" / "172.16.21.182").unlink()
    assert hactl("status").returncode == Exit.UNHEALTHY


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("status", "--stack", "none"), Exit.UNREACHABLE, "there is no inventory of stack none"),
        (("status", "--stack", "../x"), Exit.REFUSED, "not a stack's name"),
        (("--stack", "a", "status", "--stack", "b"), Exit.REFUSED, "both a and b"),
        (("drill", "earthquake"), Exit.REFUSED, "director-kill"),
        (("drill", "director-stop"), Exit.REFUSED, "say --yes"),
        (("drill", "director-stop", "--target", "mdb1", "--yes"), Exit.REFUSED, "ha1, ha2"),
        (("drill", "director-stop", "--seconds", "0"), Exit.REFUSED, "--seconds"),
        (("drills",), Exit.REFUSED, "which drills?"),
        (("drills", "director-stop", "realserver-kill"), Exit.REFUSED, "say --yes"),
        (("drills", "--all", "director-stop"), Exit.REFUSED, "which drills?"),
        (("drift", "--repair"), Exit.REFUSED, "say --yes"),
        (("ledger", "--seconds", "0"), Exit.REFUSED, "--seconds"),
        (("nonsense",), Exit.REFUSED, "nonsense"),
    ],
)
def test_mistakes(hactl: Hactl, arguments: tuple[str, ...], code: Exit, words: str) -> None:
    done = hactl(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_all_drills_of_a_stack_that_has_none(tmp_path: Path) -> None:
    hactl = make_hactl(tmp_path, without_directors(), ssh=ANSWERING_SSH, answers=healthy_answers())
    done = hactl("drills", "--all", "--yes")
    assert done.returncode == Exit.REFUSED
    assert "no component of stack dev has a fault that could be drilled" in done.stderr


def test_a_mistake_with_json_is_an_object(hactl: Hactl) -> None:
    done = hactl("--json", "drill", "director-stop", "--target", "mdb1", "--yes")
    data = json.loads(done.stdout)
    assert data["exit_code"] == Exit.REFUSED
    assert "mdb1" in data["error"]


def test_help_documents_exit_codes(hactl: Hactl) -> None:
    for arguments in (
        ("--help",),
        ("status", "--help"),
        ("drill", "--help"),
        ("drift", "--help"),
        ("ledger", "--help"),
    ):
        done = hactl(*arguments)
        assert done.returncode == Exit.GOOD
        assert "Exit codes: 0 good" in done.stdout


def test_it_begins_without_what_only_a_plan_needs() -> None:
    """That would double the time in which each command begins."""
    code = "import sys, ops.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "typer" in done.stdout.split()
    assert not {"plan", "settings", "jinja2"} & set(done.stdout.split())


@pytest.mark.parametrize("inside", [False, True])
def test_enters_the_lab_once(hactl: Hactl, tmp_path: Path, inside: bool) -> None:
    """With `access.run` hactl starts anew through it as it was started, and not a second time."""
    data = stack.inventory_data()
    data["access"]["run"] = ["lab/run"]
    (tmp_path / ".state" / "dev" / "inventory.json").write_text(json.dumps(data))
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "run").write_text('#!/bin/sh\necho "through: $*"\n')
    (tmp_path / "lab" / "run").chmod(0o755)
    done = hactl("status", "--json", env={"HACTL_INSIDE": "1"} if inside else {})
    assert done.returncode == Exit.GOOD
    assert done.stdout.startswith("{") if inside else "through: env HACTL_INSIDE=1" in done.stdout
    if not inside:
        assert done.stdout.rstrip().endswith(" -P -m ops status --json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "not a JSON object"),
        ('{"contract_version": 9}', "contract_version 9"),
        ('{"contract_version": 1}', "hosts: Field required"),
    ],
)
def test_bad_inventories(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "inventory.json"
    file.write_text(text)
    with pytest.raises(OpsError, match="inventory") as caught:
        load(file)
    assert words in caught.value.what
    assert caught.value.code is Exit.UNREACHABLE


def test_a_newer_inventory_key_is_ignored() -> None:
    assert parse(stack.inventory_data() | {"new": {"key": 1}}, "test") == stack.inventory()


def test_inventory_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when Pulumi blinds a whole output for the one secret in it."""
    asked: list[tuple[str, ...]] = []
    clear = {key: value for key, value in stack.inventory_data().items() if key not in ("access", "stack")}
    clear["databases"]["app"]["accounts"]["app"]["password"] = "hunter2"

    def pulumi(name: str, root: Path, *options: str) -> dict[str, Any]:
        asked.append(options)
        return clear if "--show-secrets" in options else clear | {"databases": "[secret]"}

    monkeypatch.setattr(outputs, "_pulumi", pulumi)
    work = tmp_path / ".state" / "dev"
    work.mkdir(parents=True)
    (work / "id_ed25519").write_text("x")
    (work / "access.json").write_text('{"run": ["lab/run"], "client_addresses": ["172.16.21.11"]}')
    written = outputs.write_inventory("dev", tmp_path).read_text()
    assert "hunter2" not in written
    assert "password" not in written
    assert json.loads(written)["databases"]["app"]["accounts"]["app"] == {"username": "app", "host": "%"}
    assert json.loads(written)["access"] == {
        "run": ["lab/run"],
        "client_addresses": ["172.16.21.11"],
        "ssh_key": ".state/dev/id_ed25519",
    }
    assert asked == [(), ("--show-secrets",)]


def test_ssh_checks_host_keys_and_shares_no_socket() -> None:
    command = Ssh(inventory=stack.inventory(), root=Path("/x")).command("ha1")
    words = " ".join(command)
    for option in (
        "StrictHostKeyChecking=yes",
        "UserKnownHostsFile=/x/.state/dev/known_hosts",
        "ControlPath=none",
        "IdentitiesOnly=yes",
        "BatchMode=yes",
    ):
        assert option in words
    assert command[-5:] == ["debian@172.16.21.201", "sudo", "-n", "bash", "-s"]


@pytest.mark.parametrize(
    "arguments",
    [("drill", "director-stop"), ("drill", "director-stop", "--yes"), ("drills", "--all", "--yes", "--json")],
)
def test_drills_of_a_stack_that_does_not_allow_them(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Refused before a host is asked."""
    data = stack.inventory_data() | {"drills": "refused"}
    done = make_hactl(tmp_path, data, ssh="#!/bin/sh\ntouch asked\n", answers={})(*arguments)
    assert done.returncode == Exit.REFUSED
    assert "set `mariadb-ha:drills: allowed` in Pulumi.dev.yaml" in " ".join(done.stderr.split())
    assert not (tmp_path / "asked").exists()
