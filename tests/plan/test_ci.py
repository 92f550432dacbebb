"""The scripts of examples/ci on a real repository: three branches, one comment that is updated in place."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.plan.repository import Repository
from tests.plan.server import BOT, Forge, served

CI = ROOT / "examples" / "ci"
TOKEN = "a-token-that-nobody-may-see"


def priority(settings: dict[str, Any]) -> None:
    """A harmless one."""
    settings["directors"]["members"]["ha1"]["priority"] = 120


def broken_rule(settings: dict[str, Any]) -> None:
    """An even number of voters."""
    settings["galera"]["members"] = ["mdb1", "mdb2"]


def another_machine(settings: dict[str, Any]) -> None:
    """A database host would be made anew."""
    settings["hosts"]["mdb2"]["address"] = "172.16.21.190"


def protected(settings: dict[str, Any]) -> None:
    """As a stack is that matters."""
    settings["hypervisor"] = {}


BRANCHES: list[tuple[Callable[[dict[str, Any]], None], int, list[str]]] = [
    (priority, 0, ["keepalived is reloaded", "+    priority 120", "unchanged: director-stop"]),
    (broken_rule, 2, ["refused: 2 mistakes in the settings", "2 nodes are an even number of voters"]),
    (another_machine, 2, ["mdb2 is protected", "its data volume is kept", "2 of 3 votes are left"]),
]


def on_branch(repository: Repository, edit: Callable[[dict[str, Any]], None]) -> subprocess.CompletedProcess[str]:
    """The plan of a branch that is merged into main, as the workflow has it."""
    base = repository.settings()
    protected(base)
    repository.write(base)
    repository.commit("What is")
    repository.git("checkout", "--quiet", "-b", "change")
    edit(base)
    repository.write(base)
    repository.commit("What shall be")
    repository.git("checkout", "--quiet", "main")
    (repository.folder / "NOTES").write_text("main goes on\n")
    repository.commit("Meanwhile")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "change")
    return repository.run("examples/ci/plan.sh", "HEAD^1", "plan/plan.md", "dev", "web")


@pytest.mark.parametrize(("edit", "code", "words"), BRANCHES, ids=[edit.__name__ for edit, _, _ in BRANCHES])
def test_a_branch_has_its_plan(
    repository: Repository, edit: Callable[[dict[str, Any]], None], code: int, words: list[str]
) -> None:
    done = on_branch(repository, edit)
    assert done.returncode == code, done.stdout + done.stderr
    text = (repository.folder / "plan" / "plan.md").read_text()
    for each in words:
        assert each in text
    assert "Plan of stack web: nothing changes" in text
    assert "NOTES" not in text


def test_no_plan_ends_with_3_and_the_other_stacks_have_theirs(repository: Repository) -> None:
    done = repository.run("examples/ci/plan.sh", "nowhere", "plan/plan.md", "dev")
    assert done.returncode == 3
    assert "none could be made" in (repository.folder / "plan" / "plan.md").read_text()


def comment(forge: Forge, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """comment.py against the forge."""
    address = f"http://127.0.0.1:{forge.port}"
    done = subprocess.run(
        [str(CI / "comment.py"), *words, str(folder / "plan.md")],
        env={
            "PATH": "/usr/bin:/bin",
            "GITHUB_API_URL": address,
            "GITHUB_REPOSITORY": "owner/project",
            "GITHUB_TOKEN": TOKEN,
            "CI_API_V4_URL": address,
            "CI_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "7",
            "GITLAB_TOKEN": TOKEN,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert TOKEN not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize("words", [("github", "alice", "change", "abc123"), ("gitlab",)], ids=["github", "gitlab"])
def test_one_comment_is_updated_in_place(tmp_path: Path, words: tuple[str, ...]) -> None:
    with served(Forge("abc123")) as forge:
        for number in range(150):
            forge.add(f"<!-- mariadb-ha plan -->\n{number} of a stranger", "mallory")
        for text, said in (("first", "written"), ("first", "says this already"), ("second", "written anew")):
            (tmp_path / "plan.md").write_text(text)
            done = comment(forge, tmp_path, *words)
            assert done.returncode == 0, done.stderr
            assert said in done.stdout
        ours = [entry for entry in forge.comments.values() if entry["user"]["login"] == BOT]
        assert [entry["body"] for entry in ours] == ["<!-- mariadb-ha plan -->\nsecond"]
        assert len(forge.tokens) == 1


def test_a_later_push_or_a_closed_request_gets_no_comment(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("x")
    with served(Forge("a-later-one")) as forge:
        for branch in ("change", "gone"):
            done = comment(forge, tmp_path, "github", "alice", branch, "abc123")
            assert done.returncode == 0
            assert "nothing is written" in done.stdout
        assert {method for method, _ in forge.asked} == {"GET"}


def test_a_server_that_refuses_ends_in_words(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("x")
    forge = Forge("abc123")
    forge.port = 9
    done = comment(forge, tmp_path, "github", "alice", "change", "abc123")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def workflows() -> dict[str, dict[str, Any]]:
    """GitHub's, by name. YAML 1.1 takes `on` for true."""
    return {
        file.stem: {("on" if key is True else key): value for key, value in yaml.safe_load(file.read_text()).items()}
        for file in (CI / "github").glob("*.yml")
    }


def test_the_contributors_code_meets_no_secret_and_no_right() -> None:
    found = workflows()
    assert set(found) == {"plan", "plan-comment", "up", "drift"}
    for name, workflow in found.items():
        assert "pull_request_target" not in workflow["on"], name
        assert workflow["permissions"].get("contents") == "read"
    text = (CI / "github" / "plan.yml").read_text()
    assert "secrets." not in text and "github.token" not in text and "self-hosted" not in text
    assert found["plan"]["permissions"] == {"contents": "read"}
    # Who may write comments checks out the default branch, and what the event says never stands in a script.
    steps = found["plan-comment"]["jobs"]["comment"]["steps"]
    assert not any("ref" in step.get("with", {}) for step in steps)
    for workflow in found.values():
        for job in workflow["jobs"].values():
            assert not any("${{" in step.get("run", "") for step in job["steps"])


def test_up_waits_for_an_approval_and_only_main_is_brought_up() -> None:
    up = workflows()["up"]
    assert up["on"] == {"push": {"branches": ["main"]}}
    assert up["jobs"]["up"]["environment"] == "production"
    assert up["jobs"]["up"]["needs"] == "preview"
    lab = yaml.safe_load((CI / "gitlab" / ".gitlab-ci.yml").read_text())
    assert lab["up"]["rules"][0]["when"] == "manual"
    assert lab["up"]["environment"]["name"] == "production"
    assert "TOKEN" not in str(lab["plan"])


PULUMI = """#!/bin/sh
echo "pulumi $*"
echo "$*" >>"$SEEN"
[ "$1" != preview ] || exit "${PREVIEW_CODE:-0}"
"""


def fake_runner(repository: Repository, tmp_path: Path) -> dict[str, str]:
    """A checkout whose toolchain only says what it is asked, and the environment of a job."""
    for name, text in {"install": "#!/bin/sh\n", "run": '#!/bin/sh\nexec "$@"\n'}.items():
        (repository.folder / "toolchain").mkdir(exist_ok=True)
        (repository.folder / "toolchain" / name).write_text(text)
        (repository.folder / "toolchain" / name).chmod(0o755)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {
        "pulumi": PULUMI,
        "ssh-agent": '#!/bin/sh\nsleep 600 >/dev/null 2>&1 &\necho "SSH_AGENT_PID=$!"\n',
        "ssh-add": "#!/bin/sh\n",
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (repository.folder / "hactl").write_text(
        '#!/bin/sh\necho "hactl $*" >>"$SEEN"\n[ "$1" != drift ] || exit "$DRIFT"\n'
    )
    return {
        "PATH": f"{programs}:/usr/bin:/bin",
        "SEEN": str(tmp_path / "seen"),
        "PULUMI_BACKEND_URL": "s3://bucket",
        "PULUMI_CONFIG_PASSPHRASE": TOKEN,
        "SSH_KEY_FILE": str(tmp_path / "key"),
    }


@pytest.mark.parametrize(("what", "wanted"), [("preview", "preview --diff"), ("up", "up --yes")])
def test_up_runs_pulumi_on_the_stack_and_shows_no_secret(
    repository: Repository, tmp_path: Path, what: str, wanted: str
) -> None:
    done = repository.run("examples/ci/up.sh", what, "prod", **fake_runner(repository, tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "seen").read_text().startswith(wanted)
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize("missing", ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"])
def test_up_refuses_to_begin_without_its_state(repository: Repository, tmp_path: Path, missing: str) -> None:
    environment = fake_runner(repository, tmp_path)
    del environment[missing]
    done = repository.run("examples/ci/up.sh", "up", "prod", **environment)
    assert done.returncode == 2
    assert missing in done.stderr
    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize(("preview", "hosts", "code"), [("0", "0", 0), ("1", "0", 1), ("0", "1", 1)])
def test_drift_fails_for_resources_and_for_files(
    repository: Repository, tmp_path: Path, preview: str, hosts: str, code: int
) -> None:
    environment = fake_runner(repository, tmp_path)
    done = repository.run("examples/ci/drift.sh", "prod", **environment, PREVIEW_CODE=preview, DRIFT=hosts)
    assert done.returncode == code, done.stderr
    seen = (tmp_path / "seen").read_text()
    assert "preview --diff --expect-no-changes" in seen
    assert "hactl drift --stack prod" in seen, "files are looked at whatever the preview says"
