"""`make up` around Pulumi: the generated workspace, killed runs, retained volumes, words instead of tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto
from rich.console import Console

from deploy import __main__ as program
from deploy import engine, privileges, recover
from deploy import lab_hosts as lab_hosts_module
from deploy import paths as paths_module
from deploy.clients import COUNT, choose
from deploy.errors import DeployError
from deploy.inside import volumes_alone
from deploy.lab_hosts import LabHosts, lab_hosts, with_keys
from deploy.lock import only_one
from deploy.paths import StackPaths
from deploy.progress import Progress
from deploy.workspace import merged_config, wants_lab
from settings import check_config
from tests.conftest import ROOT, TEST_SECRET, dev_config, make_context

URN = "urn:pulumi:dev::mariadb-ha::x"
DATA = {
    "type": "libvirt:index/volume:Volume",
    "urn": f"{URN}::dev-mdb1-data",
    "protect": True,
    "inputs": {"name": "dev-mdb1-data.qcow2"},
}
DOMAIN = {"type": "libvirt:index/domain:Domain", "urn": f"{URN}::dev-mdb1-domain", "inputs": {"name": "dev-mdb1"}}


class FakeStack:
    """A stack whose state is plain data."""

    name = "dev"

    def __init__(self, **deployment: Any) -> None:
        self.deployment = deployment

    def export_stack(self) -> auto.Deployment:
        return auto.Deployment(version=3, deployment=json.loads(json.dumps(self.deployment)))

    def import_stack(self, state: auto.Deployment) -> None:
        self.deployment = dict(state.deployment or {})


class TestWorkspace:
    """What Pulumi reads is generated; what the user says wins."""

    def test_dev_lives_in_the_lab(self) -> None:
        assert wants_lab(dev_config())
        assert not wants_lab({"mariadb-ha:hypervisor": {"uri": "qemu:///system"}})

    def test_the_machine_fills_in_what_the_user_left_open(self) -> None:
        found = {"uri": "qemu+unix:///system?socket=/run/x", "domain_type": "qemu", "protect_data_volumes": True}
        merged = merged_config(dev_config(), hypervisor=found, paths=StackPaths(stack="dev"))["mariadb-ha:hypervisor"]
        assert merged["uri"] == found["uri"]
        assert merged["protect_data_volumes"] is False, "the stack file says so"

    def test_a_stack_without_a_secret_gets_one_of_its_own(self) -> None:
        config = {key: value for key, value in dev_config().items() if "secret" not in key}
        merged = merged_config(config, hypervisor={}, paths=StackPaths(stack="other"))
        assert merged["mariadb-ha:stack_secret_file"] == ".state/other/stack_secret"

    def test_client_addresses_are_free_and_of_the_link(self) -> None:
        context = make_context()
        chosen = choose(context)
        taken = {context.address(host) for host in context.settings.hosts} | set(context.vips) | {"172.16.21.1"}
        assert len(set(chosen)) == COUNT
        assert not taken & set(chosen)
        assert all(address.startswith("172.16.21.") for address in chosen)


class TestBareMetal:
    """Stacks without a hypervisor, and hosts that are gone."""

    def test_a_stack_of_servers_needs_no_lab(self) -> None:
        config = dev_config()
        assert wants_lab(config)
        for entry in config["mariadb-ha:hosts"].values():
            entry["provisioner"] = "bare-metal"
        assert not wants_lab(config)
        config["mariadb-ha:hosts"]["ha1"]["provisioner"] = "libvirt"
        assert wants_lab(config)

    def test_a_lost_host_does_not_hold_up_destroy(self) -> None:
        urn = "urn:pulumi:dev::mariadb-ha::mariadb-ha:index:Host$command:remote:Command::dev-{}-withdraw"
        resources = [{"urn": urn.format(host)} for host in ("mdb2", "mdb3")]
        stack = FakeStack(resources=resources)
        recover.forget_lost(stack, ["mdb3"])  # type: ignore[arg-type]
        assert [r.get("retainOnDelete", False) for r in stack.deployment["resources"]] == [False, True]

    def test_volumes_whose_vm_was_kept_need_no_word(self) -> None:
        assert volumes_alone(["dev-mdb1-data.qcow2", "dev-mdb2-data.qcow2", "dev-mdb2"]) == ["dev-mdb1-data.qcow2"]

    def test_what_a_withdrawal_says_is_shown(self) -> None:
        console = Console(record=True, width=200)
        Progress(console)._note(
            "urn:pulumi:dev::mariadb-ha::x$command:remote:Command::dev-mdb1-withdraw",
            "kept: /var/lib/mysql (12 MiB) [sic]\n",
        )
        assert "dev-mdb1: kept: /var/lib/mysql (12 MiB) [sic]" in console.export_text()


class TestRetainedVolumes:
    """Data outranks everything: nothing is taken or thrown away without a word."""

    @pytest.fixture
    def marker(self, tmp_path: Path) -> Path:
        """What `down` left."""
        path = tmp_path / "retained"
        path.write_text("dev-mdb1-data.qcow2\n")
        return path

    def test_refused_unless_told(self, tmp_path: Path, marker: Path) -> None:
        with pytest.raises(DeployError, match=r"dev-mdb1-data\.qcow2.*\n.*adopt_retained_volumes"):
            recover.refuse_retained(FakeStack(resources=[DATA]), adopt=False, marker=marker, pool_path=tmp_path)  # type: ignore[arg-type]

    def test_taken_when_told(self, tmp_path: Path, marker: Path) -> None:
        recover.refuse_retained(FakeStack(resources=[DATA]), adopt=True, marker=marker, pool_path=tmp_path)  # type: ignore[arg-type]

    def test_a_first_up_that_was_cut_short_is_no_retained_stack(self, tmp_path: Path) -> None:
        recover.refuse_retained(FakeStack(resources=[DATA]), adopt=False, marker=tmp_path / "none", pool_path=tmp_path)  # type: ignore[arg-type]

    def test_volumes_that_the_state_does_not_know(self, tmp_path: Path) -> None:
        (tmp_path / "dev-mdb9-data.qcow2").touch()
        with pytest.raises(DeployError, match=r"does not know: dev-mdb9-data\.qcow2"):
            recover.refuse_retained(FakeStack(resources=[]), adopt=True, marker=tmp_path / "none", pool_path=tmp_path)  # type: ignore[arg-type]


class TestKilledRuns:
    """Only what Pulumi's journal says was just being made is removed."""

    def test_half_made_resources_are_removed_and_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[str, ...]] = []
        monkeypatch.setattr(recover, "virsh", lambda uri, *words: asked.append((uri, *words)))
        updating = {
            "type": "updating",
            "resource": {"type": DATA["type"], "inputs": {"name": "kept.qcow2", "pool": "dev"}},
        }
        stack = FakeStack(resources=[DATA], pending_operations=[{"type": "creating", "resource": DOMAIN}, updating])
        recover.clear_pending(stack, "qemu:///x", Console(quiet=True))  # type: ignore[arg-type]
        assert ("qemu:///x", "undefine", "dev-mdb1", "--nvram") in asked
        assert not [words for words in asked if "kept.qcow2" in words]
        assert "pending_operations" not in stack.deployment
        assert stack.deployment["resources"] == [DATA]

    def test_a_volume_with_data_is_never_taken_for_a_half_made_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[str, ...]] = []

        def virsh(uri: str, *words: str) -> subprocess.CompletedProcess[str]:
            asked.append(words)
            return subprocess.CompletedProcess(words, 0, "Name: x\nAllocation:     314572800 bytes\n", "")

        monkeypatch.setattr(recover, "virsh", virsh)
        stack = FakeStack(
            pending_operations=[
                {"type": "creating", "resource": {**DATA, "inputs": {"name": "dev-mdb1-data.qcow2", "pool": "dev"}}}
            ]
        )
        with pytest.raises(DeployError, match="holds 300 MiB"):
            recover.clear_pending(stack, "qemu:///x", Console(quiet=True))  # type: ignore[arg-type]
        assert [words[0] for words in asked] == ["vol-info"]
        assert stack.deployment["pending_operations"]

    def test_the_lock_of_a_dead_run_is_taken_away(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recover, "ROOT", tmp_path)
        dead = subprocess.Popen(["true"])
        dead.wait()
        lock = tmp_path / ".state/pulumi/.pulumi/locks/organization/mariadb-ha/dev/x.json"
        lock.parent.mkdir(parents=True)
        lock.write_text(json.dumps({"pid": dead.pid}))
        recover.release_lock(FakeStack(), Console(quiet=True))  # type: ignore[arg-type]
        assert not lock.exists()

    def test_nothing_is_written_beside_a_checkpoint(self, tmp_path: Path) -> None:
        """Pulumi's own metadata file, cut short by a kill, would hide a stack whose checkpoint is whole."""
        (tmp_path / "Pulumi.yaml").write_text("name: cut-short\nruntime: yaml\n")
        backend = tmp_path / "state"
        backend.mkdir()

        def init(stack: str, query: str) -> None:
            env = {**os.environ, "PULUMI_BACKEND_URL": f"file://{backend}?{query}", "PULUMI_CONFIG_PASSPHRASE": "x"}
            command = ["pulumi", "-C", str(tmp_path), "--non-interactive", "stack", "init", stack]
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr

        init("ours", engine.environment(StackPaths(stack="dev"))["PULUMI_BACKEND_URL"].split("?")[1])
        assert not list(backend.rglob("*.attrs"))
        init("plain", "no_tmp_dir=true")
        assert "plain.json.attrs" in [file.name for file in backend.rglob("*.attrs")]

    def test_one_up_at_a_time(self, tmp_path: Path) -> None:
        with only_one(tmp_path / "lock"), pytest.raises(DeployError, match="another"), only_one(tmp_path / "lock"):
            pass


def deploy(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`python -m deploy`."""
    return subprocess.run(
        [sys.executable, "-m", "deploy", *words],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("port", ["0", "65536", "mysql", "-1"])
def test_a_port_that_is_none(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARIADB_HA_PORT", port)
    with pytest.raises(DeployError, match=f"MARIADB_HA_PORT is {port!r}"):
        program.local_port()


def test_a_port_that_is_none_stops_an_up() -> None:
    done = deploy("up", "--stack", "dev", MARIADB_HA_PORT="0")
    assert done.returncode == 1
    assert "MARIADB_HA_PORT is '0'" in done.stderr
    assert "Traceback" not in done.stderr


class TestOthersInTheLab:
    """The lab ends with its last stack; a stack outside of it, or in another lab, does not keep it up."""

    @staticmethod
    def made(root: Path, stack: str, lab: str | None) -> None:
        place = root / ".state" / stack
        place.mkdir(parents=True)
        (place / f"Pulumi.{stack}.yaml").touch()
        if lab is not None:
            (place / "lab").write_text(f"{lab}\n")

    def test_who_is_counted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (program, paths_module):
            monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.delenv("LAB_NAME", raising=False)
        self.made(tmp_path, "dev", "default")
        self.made(tmp_path, "prod", "-")
        self.made(tmp_path, "elsewhere", "other")
        assert program.others_in_lab(StackPaths(stack="dev")) == []
        self.made(tmp_path, "second", "default")
        self.made(tmp_path, "torn", None)
        assert program.others_in_lab(StackPaths(stack="dev")) == ["second", "torn"]


HOSTS = {
    "ha1": {"address": "172.16.21.201"},
    "mdb1": {"address": "172.16.21.180", "provisioner": "bare-metal"},
    "mdb2": {"address": "172.16.21.181", "provisioner": "bare-metal", "ssh_host_key": "ssh-ed25519 OWN"},
    "mdb3": {"address": "10.0.0.7", "provisioner": "bare-metal"},
}
MADE = LabHosts(
    to_make=("mdb1=172.16.21.180:container", "mdb2=172.16.21.181:container"), made={"mdb3": "172.16.21.182"}
)


class TestHostsOfTheLab:
    """Servers that the lab provides: their keys and bridge become settings of the generated file, and nothing that the
    user said changes.
    """

    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
        asked: list[tuple[str, ...]] = []

        def answer(*words: str) -> str:
            asked.append(words)
            return f"answer to {' '.join(words)}"

        monkeypatch.setattr(lab_hosts_module, "_read", answer)
        return asked

    def test_a_server_of_the_same_name_elsewhere_is_not_the_labs(self) -> None:
        assert MADE.of({"mariadb-ha:hosts": HOSTS}) == ("mdb1", "mdb2")
        assert MADE.of({"hosts": HOSTS}) == ("mdb1", "mdb2"), "keys without the project's name too"
        assert MADE.of({}) == ()

    def test_what_is_found_out_becomes_settings(self, read: list[tuple[str, ...]]) -> None:
        config = {"mariadb-ha:hosts": HOSTS, "mariadb-ha:network": {"cidr": "172.16.21.0/24"}}
        found = with_keys(config, ("mdb1", "mdb2"), known=True)
        assert found["mariadb-ha:hosts"]["mdb1"]["ssh_host_key"] == "answer to key mdb1"
        assert found["mariadb-ha:hosts"]["mdb2"]["ssh_host_key"] == "ssh-ed25519 OWN", "what the user says wins"
        assert "ssh_host_key" not in found["mariadb-ha:hosts"]["mdb3"]
        assert found["mariadb-ha:network"] == {"cidr": "172.16.21.0/24", "bridge": "answer to bridge"}
        assert "ssh_host_key" not in HOSTS["mdb1"], "the user's own configuration is not changed"

    def test_nothing_is_asked_before_the_hosts_are_there(self, read: list[tuple[str, ...]]) -> None:
        with_keys({"mariadb-ha:hosts": HOSTS}, ("mdb1",), known=False)
        assert read == []

    def test_no_bridge_without_vms_and_no_key_where_first_use_is_trusted(self, read: list[tuple[str, ...]]) -> None:
        servers = {name: entry for name, entry in HOSTS.items() if name != "ha1"}
        found = with_keys(
            {"mariadb-ha:hosts": servers, "mariadb-ha:bare_metal": {"trust_on_first_use": True}}, ("mdb1",), known=True
        )
        assert read == []
        assert found["mariadb-ha:network"] == {}

    def test_the_quick_stack_is_made_of_what_the_lab_provides(self) -> None:
        config = yaml.safe_load((ROOT / "Pulumi.quick.yaml").read_text())["config"]
        hosts = lab_hosts("quick").of(config)
        assert hosts == ("mdb1", "mdb2", "mdb3")
        assert (
            check_config({**with_keys(config, hosts, known=False), "mariadb-ha:stack_secret": TEST_SECRET}, "quick")
            == []
        )


class TestSudo:
    """Root only where needed, and nothing of root's is left in the user's tree, however a run ends."""

    def test_what_goes_through_sudo(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ran: list[list[str]] = []
        monkeypatch.setattr(privileges.os, "geteuid", lambda: 1000)
        monkeypatch.setattr(privileges.shutil, "which", lambda _: "/usr/bin/sudo")
        monkeypatch.setattr(privileges.os, "execvp", lambda _, words: ran.append(words))
        monkeypatch.setattr(privileges.sys, "argv", ["deploy", "up"])
        privileges.become_root()
        assert ran[0][0] == "sudo"
        assert "PYTHONDONTWRITEBYTECODE=1" in ran[0]
        assert ran[0][-1] == "up"

    def test_no_sudo_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(privileges.os, "geteuid", lambda: 1000)
        monkeypatch.setattr(privileges.shutil, "which", lambda _: None)
        with pytest.raises(DeployError, match="sudo is not installed"):
            privileges.become_root()

    @pytest.mark.parametrize("ending", [DeployError("no"), SystemExit(1), KeyboardInterrupt()])
    def test_given_back_after_a_failure_too(self, ending: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
        given: list[bool] = []

        def fail() -> None:
            raise ending

        monkeypatch.setattr(program, "app", fail)
        monkeypatch.setattr(program, "give_back", lambda: given.append(True))
        with pytest.raises((SystemExit, KeyboardInterrupt)):
            program.main()
        assert given == [True]

    @pytest.mark.parametrize("lab", [True, False])
    @pytest.mark.parametrize("command", [program.up, program.down])
    def test_root_is_asked_for_where_the_lab_needs_it(
        self, command: Callable[[str], None], lab: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Servers and hypervisors elsewhere are reached as the user who called."""

        def end(words: str) -> None:
            raise DeployError(words)

        monkeypatch.setattr(program, "in_lab", lambda _: lab)
        monkeypatch.setattr(program, "owns_lab", lambda _: end("went on as the user"))
        monkeypatch.setattr(program, "check", lambda *_: end("went on as the user"))
        monkeypatch.setattr(program, "become_root", lambda: end("asked for root"))
        with pytest.raises(DeployError, match="asked for root" if lab else "went on as the user"):
            command("web")


@pytest.mark.parametrize(
    ("recorded", "said", "meant"),
    [("metal", None, "metal"), ("metal", "mine", "mine"), ("-", None, None), (None, None, None)],
)
def test_a_stack_is_looked_for_in_the_lab_that_it_was_made_in(
    recorded: str | None, said: str | None, meant: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths_module, "ROOT", tmp_path)
    monkeypatch.setenv("LAB_NAME", said or "")
    if said is None:
        monkeypatch.delenv("LAB_NAME")
    paths = StackPaths(stack="web")
    if recorded:
        paths.work.mkdir(parents=True)
        paths.lab.write_text(f"{recorded}\n")
    program.remember_lab(paths)
    assert os.environ.get("LAB_NAME") == meant


def test_a_stack_file_that_is_not_there() -> None:
    done = deploy("up", "--stack", "nowhere")
    assert done.returncode == 1
    assert "there is no Pulumi.nowhere.yaml" in done.stderr
    assert "dev" in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_settings_stop_before_anything_is_installed() -> None:
    path = ROOT / "Pulumi.unittest.yaml"
    config = dev_config()
    config["mariadb-ha:directors"]["vip"] = "172.16.21.180"
    path.write_text(yaml.safe_dump({"config": config}))
    try:
        done = deploy("up", "--stack", "unittest")
    finally:
        path.unlink()
    assert done.returncode == 1
    assert "directors.vip" in done.stderr
    assert "nothing was touched" in done.stderr
    assert "Traceback" not in done.stderr
    assert "lab packages" not in done.stdout
    assert not (ROOT / ".state/unittest").exists()
