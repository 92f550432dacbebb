"""`hactl plan` in a real git repository: each revision's plan is made by its own code."""

from __future__ import annotations

import json
import shutil

from ops.errors import Exit
from tests.plan.repository import Repository


def test_a_priority_and_the_exit_codes(repository: Repository) -> None:
    same = repository.plan("--stack", "dev", "--against", "main", "--exit-code")
    assert same.returncode == Exit.GOOD, same.stdout + same.stderr
    assert "nothing changes" in same.stdout
    settings = repository.settings()
    settings["directors"]["members"]["ha1"]["priority"] = 120
    repository.write(settings)
    plain = repository.plan("--stack", "dev")
    assert plain.returncode == Exit.GOOD
    assert "+    priority 120" in plain.stdout
    coded = repository.plan("--stack", "dev", "--exit-code", "--json")
    assert coded.returncode == Exit.UNHEALTHY
    found = json.loads(coded.stdout)
    assert found["changed"] is True
    assert [file["path"] for file in found["files"]] == ["/etc/keepalived/conf.d/50-vrrp-directors.conf"]
    assert found["turns"][0]["words"] == "keepalived is reloaded"


def test_what_a_rule_forbids_ends_with_2(repository: Repository) -> None:
    settings = repository.settings()
    settings["galera"]["members"] = ["mdb1", "mdb2"]
    repository.write(settings)
    done = repository.plan("--stack", "dev", "--against", "main", "--markdown")
    assert done.returncode == Exit.REFUSED
    assert "galera.members: 2 nodes are an even number of voters" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_changed_program_is_seen_by_the_old_code_and_the_new(repository: Repository) -> None:
    program = repository.folder / "cloudinit" / "programs" / "host" / "provision"
    program.write_text(program.read_text() + "# a line more\n")
    template = repository.folder / "cloudinit" / "templates" / "host" / "chrony.sources.j2"
    template.write_text(template.read_text() + "# another one\n")
    done = repository.plan("--stack", "dev", "--against", "main", "--json")
    assert done.returncode == Exit.GOOD, done.stdout + done.stderr
    found = {file["path"]: file for file in json.loads(done.stdout)["files"]}
    assert found["/usr/local/lib/mariadb-ha/provision"]["hosts"] == ["ha1", "ha2", "mdb1", "mdb2", "mdb3"]
    assert found["/usr/local/lib/mariadb-ha/provision"]["diff"][-1] == "+# a line more"
    assert found["/etc/chrony/sources.d/mariadb-ha.sources"]["actions"] == ["try-restart chrony"]


def test_a_revision_that_cannot_write_its_plan_is_read_by_the_new_code_and_that_is_said(
    repository: Repository,
) -> None:
    shutil.copytree(repository.folder / "plan" / "document", repository.folder / "kept")
    shutil.rmtree(repository.folder / "plan" / "document")
    repository.commit("Older code")
    (repository.folder / "kept").rename(repository.folder / "plan" / "document")
    settings = repository.settings()
    settings["directors"]["members"]["ha1"]["priority"] = 120
    repository.write(settings)
    done = repository.plan("--stack", "dev")
    assert done.returncode == Exit.GOOD, done.stdout + done.stderr
    assert "the old settings were read by the new code" in done.stdout
    assert "+    priority 120" in done.stdout


def test_code_that_makes_no_plan_ends_with_3_and_words(repository: Repository) -> None:
    (repository.folder / "plan" / "document" / "made.py").write_text("raise SystemExit('this is broken')\n")
    done = repository.plan("--stack", "dev")
    assert done.returncode == Exit.UNREACHABLE
    assert "made no plan of stack dev: this is broken" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_revision_that_is_not_there_ends_with_3(repository: Repository) -> None:
    done = repository.plan("--stack", "dev", "--against", "origin/main")
    assert done.returncode == Exit.UNREACHABLE
    assert "the revision origin/main cannot be had" in done.stderr
    assert "git fetch" in done.stderr


def test_a_stack_that_is_new_has_nothing_before(repository: Repository) -> None:
    repository.write(repository.settings(), "new")
    done = repository.plan("--stack", "new", "--exit-code")
    assert done.returncode == Exit.UNHEALTHY
    assert "a new plan: there is nothing to compare it with" in done.stdout
    missing = repository.plan("--stack", "nobody")
    assert missing.returncode == Exit.REFUSED
    assert "Pulumi.nobody.yaml: is not there" in missing.stdout


def test_nothing_of_the_environment_reaches_the_code_that_makes_the_plan(repository: Repository) -> None:
    (repository.folder / "plan" / "document" / "made.py").write_text(
        "import os\nraise SystemExit(' '.join(name for name in os.environ if 'TOKEN' in name) or 'none')\n"
    )
    done = repository.run("./hactl", "plan", "--stack", "dev", SOME_TOKEN="dear")
    assert "made no plan of stack dev: none" in done.stderr


def test_the_repository_is_left_as_it_was(repository: Repository) -> None:
    repository.plan("--stack", "dev", "--against", "main")
    assert repository.git("status", "--porcelain") == ""
    assert len(repository.git("worktree", "list").splitlines()) == 1
