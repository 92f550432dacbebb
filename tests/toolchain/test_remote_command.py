"""command:remote:Command through `pulumi up` against a real sshd: what runs when, and what comes out of it."""

from pathlib import Path

from tests.toolchain.project import Project
from tests.toolchain.sshd import Sshd


def lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines() if journal.exists() else []


def test_create_runs_once_and_keeps_both_streams_without_one_newline(
    project: Project, sshd: Sshd, journal: Path
) -> None:
    create = f"echo ran >> {journal}; printf 'one\\n\\n'; echo two >&2"
    outputs = project.up("remote", connection=sshd.connection(), create=create)
    assert (outputs["stdout"], outputs["stderr"]) == ("one\n", "two")
    assert project.preview("--expect-no-changes").status == 0
    project.up("remote", connection=sshd.connection(), create=create)
    assert lines(journal) == ["ran"]


def test_preview_runs_nothing_and_knows_no_output(project: Project, sshd: Sshd, journal: Path) -> None:
    project.describe("remote", connection=sshd.connection(), create=f"echo ran >> {journal}")
    outcome = project.preview()
    assert outcome.status == 0, outcome.output
    assert lines(journal) == []


def test_stdin_is_what_the_command_reads(project: Project, sshd: Sshd) -> None:
    outputs = project.up("remote", connection=sshd.connection(), create="cat; wc -l", stdin="a\nb\n")
    assert outputs["stdout"] == "a\nb\n0"


def test_update_runs_instead_of_create_and_sees_the_previous_output(project: Project, sshd: Sshd) -> None:
    update = 'echo "updated after $PULUMI_COMMAND_STDOUT and $PULUMI_COMMAND_STDERR as $GREETING"'
    first = {"connection": sshd.connection(), "create": "echo out; echo err >&2", "update": update}
    before = project.resource()
    project.up("remote", **first, environment={"GREETING": "a"})
    outputs = project.up("remote", **first, environment={"GREETING": "b"})
    assert before is None
    assert outputs["stdout"] == "updated after out and err as b"


def test_without_update_create_runs_again(project: Project, sshd: Sshd, journal: Path) -> None:
    create = f"echo $GREETING >> {journal}"
    for greeting in ("a", "b"):
        project.up("remote", connection=sshd.connection(), create=create, environment={"GREETING": greeting})
    assert lines(journal) == ["a", "b"]


def test_a_change_of_the_connection_updates_and_does_not_replace(project: Project, sshd: Sshd, journal: Path) -> None:
    args = {
        "create": f"echo create >> {journal}",
        "update": f"echo update >> {journal}",
        "delete": f"echo delete >> {journal}",
    }
    project.up("remote", connection=sshd.connection(), **args)
    project.up("remote", connection=sshd.connection(per_dial_timeout=7), **args)
    assert lines(journal) == ["create", "update"]


def test_previous_output_is_left_out_when_told(project: Project, sshd: Sshd) -> None:
    args = {"connection": sshd.connection(), "create": "echo first", "update": 'echo "[$PULUMI_COMMAND_STDOUT]"'}
    project.up("remote", **args, add_previous_output_in_env=False)
    assert project.up("remote", **args, add_previous_output_in_env=False, stdin="x")["stdout"] == "[]"


def test_triggers_replace_with_the_new_create_before_the_old_delete(
    project: Project, sshd: Sshd, journal: Path
) -> None:
    for trigger in ("a", "b"):
        project.up(
            "remote", connection=sshd.connection(), triggers=[trigger, 1],
            create=f"echo create {trigger} >> {journal}", update=f"echo update >> {journal}",
                delete=f"echo delete {trigger} >> {journal}",
        )  # fmt: skip
    assert lines(journal) == ["create a", "create b", "delete a"]


def test_destroy_runs_delete_with_the_previous_output(project: Project, sshd: Sshd, journal: Path) -> None:
    project.up(
        "remote",
        connection=sshd.connection(),
        create="echo out",
        delete=f'echo "deleted $PULUMI_COMMAND_STDOUT" >> {journal}',
    )
    assert project.destroy().status == 0
    assert lines(journal) == ["deleted out"]


def test_no_command_for_a_stage_means_nothing_runs(project: Project, sshd: Sshd) -> None:
    outputs = project.up("remote", connection=sshd.connection(), delete="true")
    assert (outputs["stdout"], outputs["stderr"]) == ("", "")


def test_a_failing_command_says_its_status_its_line_and_its_output(project: Project, sshd: Sshd) -> None:
    outcome = project.try_up("remote", connection=sshd.connection(), create="echo before; echo why >&2; exit 7")
    assert outcome.status != 0
    assert 'Process exited with status 7: running "echo before; echo why >&2; exit 7":' in outcome.output
    assert "before" in outcome.output and "why" in outcome.output
    assert project.resource() is None


def test_a_failing_delete_keeps_the_resource(project: Project, sshd: Sshd) -> None:
    project.up("remote", connection=sshd.connection(), delete="exit 1")
    assert project.destroy().status != 0
    assert project.resource() is not None


def test_a_variable_that_sshd_refuses_is_an_error_that_names_it(project: Project, sshd: Sshd, journal: Path) -> None:
    outcome = project.try_up(
        "remote", connection=sshd.connection(), create=f"echo ran >> {journal}", environment={"FORBIDDEN": "x"}
    )
    assert outcome.status != 0
    assert 'could not set environment variable "FORBIDDEN"' in outcome.output
    assert "AcceptEnv" in outcome.output
    assert lines(journal) == []


def test_output_is_shown_as_it_comes_unless_told_otherwise(project: Project, sshd: Sshd) -> None:
    command = "echo visible-out; echo visible-err >&2"
    shown = {}
    for logging in ("none", "stdout", "stderr", "stdoutAndStderr"):
        outcome = project.try_up(
            "remote", connection=sshd.connection(), create=f": {logging}; {command}", logging=logging
        )
        shown[logging] = (
            "visible-out" in outcome.output.replace(command, ""),
            "visible-err" in outcome.output.replace(command, ""),
        )
    assert shown == {
        "none": (False, False),
        "stdout": (True, False),
        "stderr": (False, True),
        "stdoutAndStderr": (True, True),
    }


def test_a_line_of_a_megabyte_is_kept_whole(project: Project, sshd: Sshd) -> None:
    outputs = project.up("remote", connection=sshd.connection(), create="head -c 1048576 /dev/zero | tr '\\0' x")
    assert len(outputs["stdout"]) == 1048576
