"""command:local:Command through `pulumi up`."""

import json
from pathlib import Path

from tests.toolchain.project import Project


def test_create_update_delete_in_their_order(project: Project, journal: Path) -> None:
    def up(trigger: str, greeting: str) -> str:
        stdout: str = project.up(
            "local", triggers=[trigger], environment={"GREETING": greeting},
            create=f"echo create >> {journal}; echo first",
                update=f'echo update >> {journal}; echo "$GREETING after $PULUMI_COMMAND_STDOUT"',
            delete=f"echo delete >> {journal}",
        )["stdout"]  # fmt: skip
        return stdout

    assert [up("a", "x"), up("a", "y"), up("b", "y")] == ["first", "y after first", "first"]
    assert project.destroy().status == 0
    assert journal.read_text().split() == ["create", "update", "create", "delete", "delete"]


def test_stdin_directory_and_interpreter(project: Project, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    program = "import os, sys; print(os.getcwd(), sys.stdin.read())"
    outputs = project.up("local", create=program, interpreter=["python3", "-c"], dir=f"{tmp_path}/work", stdin="given")
    assert outputs["stdout"] == f"{tmp_path}/work given"


def test_a_failing_command_says_its_status_and_its_output(project: Project) -> None:
    outcome = project.try_up("local", create="echo why; exit 3")
    assert outcome.status != 0
    assert 'exit status 3: running "echo why; exit 3":' in outcome.output
    assert project.resource() is None


def test_files_found_after_the_command_become_assets_and_an_archive(project: Project, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    outputs = project.up(
        "local", dir=str(work),
            create="mkdir sub; echo a > a.txt; echo b > sub/b.txt; echo c > sub/secret.txt; echo d > d.log",
        asset_paths=["**.txt", "!**secret*"], archive_paths=["*.txt"],
    )  # fmt: skip
    assert sorted(outputs["assets"]) == ["a.txt", "sub/b.txt"]
    assert outputs["assets"]["sub/b.txt"]["path"] == f"{work}/sub/b.txt"
    assert sorted(outputs["archive"]["assets"]) == ["a.txt"]


def test_a_secret_input_stays_secret_and_the_output_is_not_one_by_itself(project: Project) -> None:
    """As with the official plugin: a command that prints a secret needs `additional_secret_outputs`."""
    project.up("local", create="wc -c", stdin={"secret": "hunter2-and-more"})
    resource = project.resource()
    assert "hunter2-and-more" not in json.dumps(resource)
    assert resource is not None and resource["outputs"]["stdout"] == "16"


def test_what_only_the_official_plugin_has_says_so(project: Project) -> None:
    connection = {"host": "203.0.113.1"}
    attempts = {
        "command:remote:CopyFile": project.try_up(
            "CopyFile", connection=connection, local_path="/etc/hosts", remote_path="/tmp/x"
        ),
        "command:remote:CopyToRemote": project.try_up(
            "CopyToRemote", connection=connection, source={"file": "/etc/hosts"}, remote_path="/tmp/x"
        ),
    }
    project.describe(None, run="echo x")
    attempts["command:local:run"] = project.pulumi("up", "--yes", "--skip-preview")
    for token, outcome in attempts.items():
        assert outcome.status != 0, token
        assert f"{token} is not part of this build of the command plugin" in outcome.output
        assert "pulumi plugin install resource command 1.2.1" in outcome.output
