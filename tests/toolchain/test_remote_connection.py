"""How command:remote:Command reaches a host: keys, host keys, retries, bastion, secrets, interruption."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.toolchain.project import Project
from tests.toolchain.sshd import Sshd, free_port


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_known_host_key_of_any_kind_is_accepted(project: Project, sshd: Sshd, kind: str) -> None:
    assert (
        project.up("remote", connection=sshd.connection(host_key=sshd.host_key(kind)), create="echo in")["stdout"]
        == "in"
    )


def test_a_wrong_host_key_is_refused_before_anything_runs(project: Project, sshd: Sshd, tmp_path: Path) -> None:
    wrong = (sshd.home / "client.pub").read_text()
    outcome = project.try_up("remote", connection=sshd.connection(host_key=wrong), create=f"touch {tmp_path}/ran")
    assert outcome.status != 0
    assert "host key mismatch" in outcome.output
    assert not (tmp_path / "ran").exists()


def test_an_unreadable_host_key_is_an_error(project: Project, sshd: Sshd) -> None:
    outcome = project.try_up("remote", connection=sshd.connection(host_key="nonsense"), create="true")
    assert outcome.status != 0
    assert "failed to parse host key" in outcome.output


def test_without_host_key_any_is_accepted(project: Project, sshd: Sshd) -> None:
    connection = sshd.connection()
    del connection["host_key"]
    assert project.up("remote", connection=connection, create="echo in")["stdout"] == "in"


def test_an_encrypted_private_key_is_opened(project: Project, sshd: Sshd) -> None:
    key = (sshd.home / "client_locked").read_text()
    connection = sshd.connection(private_key=key, private_key_password="open sesame")
    assert project.up("remote", connection=connection, create="echo in")["stdout"] == "in"


def test_dialling_stops_after_as_many_failures_as_allowed(project: Project, sshd: Sshd) -> None:
    outcome = project.try_up("remote", connection=sshd.connection(port=free_port(), dial_error_limit=2), create="true")
    assert outcome.status != 0
    assert "Dial 1/2 failed: retrying" in outcome.output
    assert "Dial 2/2 failed: retrying" in outcome.output
    assert "after 2 failed attempts" in outcome.output
    assert "connection refused" in outcome.output


def test_a_host_that_comes_up_late_is_waited_for(project: Project, tmp_path: Path, sshd: Sshd) -> None:
    (tmp_path / "late").mkdir()
    late = Sshd(tmp_path / "late")
    with late:
        connection = late.connection(dial_error_limit=-1)
    project.describe("remote", connection=connection, create="echo late")
    waiting = subprocess.Popen(
        ["pulumi", "--cwd", project.home, "--non-interactive", "up", "--yes", "--skip-preview"],
        env=project.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert waiting.stdout is not None
    heard = ""
    while "Dial 1/inf failed" not in heard and (line := waiting.stdout.readline()):
        heard += line
    config = tmp_path / "late" / "sshd_config"
    server = subprocess.Popen(
        ["/usr/sbin/sshd", "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    output, _ = waiting.communicate(timeout=60)
    server.terminate()
    server.wait(timeout=10)
    assert waiting.returncode == 0, heard + output
    assert "Dial 1/inf failed: retrying" in heard


def test_a_bastion_is_passed_through(project: Project, sshd: Sshd) -> None:
    connection = sshd.connection(proxy=sshd.connection())
    assert project.up("remote", connection=connection, create="echo through; cat", stdin="x")["stdout"] == "through\nx"


def test_a_bastion_that_is_down_is_named_as_such(project: Project, sshd: Sshd) -> None:
    outcome = project.try_up(
        "remote", connection=sshd.connection(proxy=sshd.connection(port=free_port())), create="true"
    )
    assert outcome.status != 0
    assert "proxy: after 0 failed attempts" in outcome.output


def test_defaults_of_the_connection_are_those_of_the_sdk(project: Project, sshd: Sshd) -> None:
    project.describe("remote", connection={"host": "203.0.113.1", "proxy": {"host": "203.0.113.2"}})
    assert project.pulumi("up", "--yes", "--skip-preview").status == 0
    resource = project.resource(show_secrets=True)
    assert resource is not None
    connection = json.loads(resource["inputs"]["connection"]["plaintext"])
    defaults = {"user": "root", "port": 22, "dialErrorLimit": 10, "perDialTimeout": 15}
    assert connection == {"host": "203.0.113.1", **defaults, "proxy": {"host": "203.0.113.2", **defaults}}
    assert resource["inputs"]["addPreviousOutputInEnv"] is True


def test_connection_and_secret_stdin_are_encrypted_in_the_state(project: Project, sshd: Sshd) -> None:
    project.up("remote", connection=sshd.connection(), create="wc -c", stdin={"secret": "hunter2-and-more"})
    state = (project.home / "state" / ".pulumi" / "stacks" / "toolchain-test" / "test.json").read_text()
    assert "hunter2-and-more" not in state
    assert "OPENSSH PRIVATE KEY" not in state
    resource = project.resource()
    assert resource is not None
    assert "ciphertext" in resource["outputs"]["connection"]
    assert "ciphertext" in resource["outputs"]["stdin"]


def test_the_connection_does_not_make_the_output_secret(project: Project, sshd: Sshd) -> None:
    project.up("remote", connection=sshd.connection(), create="echo plain")
    resource = project.resource()
    assert resource is not None
    assert resource["outputs"]["stdout"] == "plain"


def test_an_interrupted_update_does_not_wait_for_the_command(project: Project, sshd: Sshd, tmp_path: Path) -> None:
    project.describe("remote", connection=sshd.connection(), create=f"touch {tmp_path}/started; sleep 40")
    running = subprocess.Popen(
        ["pulumi", "--cwd", project.home, "--non-interactive", "up", "--yes", "--skip-preview"],
        env=project.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (tmp_path / "started").exists()
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    running.wait(timeout=30)
    assert time.monotonic() - began < 15
    assert running.returncode != 0
