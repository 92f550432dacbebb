"""drift: what was changed by hand, in words and as a diff; nothing of a secret; put right by the way of apply."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.programs.conftest import Desk
from tests.programs.host.test_apply import CONF, PART, RELOAD, apply, entry, tools

__all__ = ["tools"]
LastLine = Callable[[CompletedProcess[str]], str]
KEY = "/etc/mysql/sst.cnf"


@pytest.fixture(autouse=True)
def delivered(desk: Desk, tools: None) -> None:
    assert (
        apply(desk, {"/etc/hosts": entry("one\ntwo\n"), "/etc/mariadb-ha/x.env": entry("A=pa55word\n", mode="0600")})[0]
        == 0
    )
    assert (
        apply(
            desk,
            {CONF: entry("global\n", check="keepalived", on_change=[RELOAD]), PART: entry("p\n")},
            owner="director",
        )[0]
        == 0
    )
    assert apply(desk, {KEY: entry("key=pa55word\n", mode="0640")}, owner="secret")[0] == 0
    desk.forget()


def drift(desk: Desk) -> dict[str, Any]:
    done = desk.run("drift")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_changed(desk: Desk) -> None:
    assert drift(desk) == {"files": []}


def test_every_kind_of_change_is_told(desk: Desk) -> None:
    desk.path("/etc/hosts").write_text("one\nTWO\n")
    desk.path(CONF).unlink()
    desk.path(PART).chmod(0o600)
    found = {file["path"]: file for file in drift(desk)["files"]}
    assert [file["what"] for file in found.values()] == [["mode"], ["missing"], ["content"]]
    assert {file["set"] for file in found.values()} == {"director", "plain"}
    lines = found["/etc/hosts"]["diff"].splitlines()
    assert "-two" in lines
    assert "+TWO" in lines
    assert lines[0] == "--- /etc/hosts (delivered)"
    assert found[CONF]["diff"] == found[PART]["diff"] == ""
    assert desk.calls == [], "it only looks"


def test_owner(desk: Desk) -> None:
    os.chown(desk.path("/etc/hosts"), 1, 1)
    assert [file["what"] for file in drift(desk)["files"]] == [["owner"]]


@pytest.mark.parametrize("path", [KEY, "/etc/mariadb-ha/x.env"])
def test_of_a_secret_nothing_is_shown(desk: Desk, path: str) -> None:
    desk.path(path).write_text("changed=hush-hush\n")
    done = desk.run("drift")
    assert "pa55word" not in done.stdout + done.stderr
    assert "hush" not in done.stdout + done.stderr
    (file,) = json.loads(done.stdout)["files"]
    assert (file["path"], file["what"], file["diff"], file["secret"]) == (path, ["content"], "", True)


def test_a_file_that_is_no_file_any_more(desk: Desk) -> None:
    desk.path("/etc/hosts").unlink()
    desk.path("/etc/hosts").symlink_to("/srv/hosts")
    desk.path(PART).unlink()
    desk.path(PART).mkdir()
    assert [file["what"] for file in drift(desk)["files"]] == [
        ["a directory, not a file"],
        ["a symbolic link to /srv/hosts, not a file"],
    ]


def test_a_long_diff_is_cut(desk: Desk) -> None:
    desk.path("/etc/hosts").write_text("".join(f"{number}\n" for number in range(5000)))
    lines = drift(desk)["files"][0]["diff"].splitlines()
    assert len(lines) == 201
    assert lines[-1].startswith("… and 4")


def test_bytes_that_are_no_text(desk: Desk) -> None:
    desk.path("/etc/hosts").write_bytes(b"\xff\xfe\n")
    assert "+\\xff\\xfe" in drift(desk)["files"][0]["diff"]


def test_a_missing_last_line_end_is_told(desk: Desk) -> None:
    desk.path("/etc/hosts").write_text("one\ntwo")
    assert "line end" in drift(desk)["files"][0]["diff"]


def test_repair_goes_the_way_of_apply(desk: Desk) -> None:
    apply(desk, {"/etc/hosts": entry("one\ntwo\n", on_change=["try-restart a.service"])})
    desk.path("/etc/hosts").write_text("mine\n")
    desk.forget()
    done = desk.run("drift", "--repair", "plain")
    assert done.returncode == 0, done.stderr
    assert desk.read("/etc/hosts") == "one\ntwo\n"
    assert desk.calls == ["systemctl try-restart a.service"]
    assert desk.read("/var/lib/mariadb-ha/old/etc/hosts") == "mine\n", "the hand-made one is not lost"
    assert drift(desk)["files"] == []
    assert desk.run("drift", "--repair", "plain").stdout == "nothing to do\n"


def test_repair_of_a_secret_shows_nothing(desk: Desk) -> None:
    desk.path(KEY).write_text("hush\n")
    done = desk.run("drift", "--repair", "secret")
    assert (done.returncode, done.stdout) == (0, f"{KEY}: content\n")
    assert desk.read(KEY) == "key=pa55word\n"


def test_a_rolled_set_is_refused(desk: Desk, last_line: LastLine) -> None:
    desk.path(CONF).write_text("mine\n")
    done = desk.run("drift", "--repair", "director")
    assert done.returncode == 1
    assert "one host after the other. To do: hactl drift --repair" in last_line(done)
    assert desk.read(CONF) == "mine\n"


def test_a_set_that_was_never_delivered(desk: Desk, last_line: LastLine) -> None:
    assert "was never delivered here" in last_line(desk.run("drift", "--repair", "nonsense"))
