"""apply: compare, check all before any moves, move, act once; sets remember what is theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.programs.conftest import Desk

CONF = "/etc/keepalived/keepalived.conf"
PART = "/etc/keepalived/conf.d/60-lvs-directors.conf"
RELOAD = "try-reload-or-restart keepalived"


def entry(content: str, **more: Any) -> dict[str, Any]:
    return {
        "content": content,
        "mode": "0644",
        "owner": "root",
        "group": "root",
        "check": None,
        "on_change": [],
        **more,
    }


@pytest.fixture(autouse=True)
def tools(desk: Desk) -> None:
    desk.fake("systemctl", "exit 0")
    # Stands for the checker: refuses a file that says `bad`, reads the parts at their real places.
    desk.fake("keepalived", 'if grep -rn bad "$(dirname "$3")" >&2; then exit 3; fi; [ -e "$3" ]')
    desk.fake(
        "mariadbd",
        'echo "wsrep-sst-auth user:hush-hush"; f=${1#*=}; grep -rn "unknown" "$(dirname "$f")" >&2 && exit 7; exit 0',
    )


def apply(desk: Desk, files: dict[str, Any], *arguments: str, owner: str = "plain") -> tuple[int, str, str]:
    done = desk.run("apply", "--owner-set", owner, *arguments, stdin=json.dumps(files))
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_first_delivery_then_nothing(desk: Desk) -> None:
    files = {
        CONF: entry("global\n", check="keepalived", on_change=[RELOAD]),
        "/etc/mariadb-ha/x.env": entry("A=1\n", mode="0600"),
    }
    code, out, _ = apply(desk, files)
    assert code == 0
    assert desk.read(CONF) == "global\n"
    assert desk.path("/etc/mariadb-ha/x.env").stat().st_mode & 0o777 == 0o600
    assert f"systemctl {RELOAD}" in desk.calls
    desk.forget()
    code, out, _ = apply(desk, files)
    assert (code, out, desk.calls) == (0, "nothing to do\n", [])


def test_actions_run_once_and_daemon_reload_first(desk: Desk) -> None:
    unit = entry("[Unit]\n", on_change=["try-restart a.service", "daemon-reload"])
    apply(
        desk,
        {
            "/etc/systemd/system/a.service": unit,
            "/etc/systemd/system/b.service": unit,
            CONF: entry("x\n", on_change=["try-restart a.service"]),
        },
    )
    assert desk.calls == ["systemctl daemon-reload", "systemctl try-restart a.service"]


def test_refused_file_leaves_everything_as_it_was(desk: Desk) -> None:
    good = {
        CONF: entry("global\n", check="keepalived", on_change=[RELOAD]),
        PART: entry("part\n", check="keepalived"),
        "/etc/hosts": entry("h\n"),
    }
    apply(desk, good)
    desk.forget()
    bad = {**good, PART: entry("bad part\n", check="keepalived"), "/etc/hosts": entry("h2\n")}
    code, _, error = apply(desk, bad)
    assert code == 1
    assert "refused by keepalived (exit 3)" in error
    assert "bad part" in error
    assert desk.read(PART) == "part\n"
    assert desk.read("/etc/hosts") == "h\n", "a file that has no checker must not move before the checked ones"
    assert not any(call.startswith("systemctl") for call in desk.calls)
    assert not list(desk.root.rglob("*.new"))


def test_checker_sees_a_new_part_in_its_place_before_it_is_there(desk: Desk) -> None:
    apply(desk, {CONF: entry("global\n", check="keepalived")})
    code, _, error = apply(
        desk, {CONF: entry("global\n", check="keepalived"), PART: entry("bad\n", check="keepalived")}
    )
    assert code == 1
    assert "60-lvs-directors.conf" in error
    assert not desk.path(PART).exists()


def test_values_of_secret_files_are_never_shown(desk: Desk) -> None:
    file = entry('[mariadbd]\nwsrep_sst_auth = "sst:pa55word"\nunknown = pa55word\n', mode="0640", check="mariadbd")
    code, out, error = apply(desk, {"/etc/mysql/sst.cnf": file}, owner="secret")
    assert code == 1
    assert "unknown" in error
    assert "pa55word" not in out + error
    assert "hush-hush" not in out + error


def test_old_file_is_kept_apart(desk: Desk) -> None:
    apply(desk, {CONF: entry("1\n"), PART: entry("1\n")})
    apply(desk, {CONF: entry("2\n"), PART: entry("2\n")})
    for path in (CONF, PART):
        assert desk.read("/var/lib/mariadb-ha/old" + path) == "1\n"
        assert [file.name for file in desk.path(path).parent.iterdir() if file.is_file()] == [
            path.rpartition("/")[2]
        ], "some folders are read whole"


def test_no_old_secret_is_kept(desk: Desk) -> None:
    apply(desk, {"/etc/mysql/sst.cnf": entry("one", mode="0600")}, owner="secret")
    apply(desk, {"/etc/mysql/sst.cnf": entry("two", mode="0600")}, owner="secret")
    apply(desk, {}, owner="secret")
    assert not [file for file in desk.root.rglob("*") if file.is_file() and "one" in file.read_text()]


def test_a_file_that_left_the_set_is_removed_with_its_action(desk: Desk) -> None:
    apply(desk, {CONF: entry("1\n"), PART: entry("part\n", on_change=[RELOAD])})
    desk.forget()
    code, out, _ = apply(desk, {CONF: entry("1\n")})
    assert code == 0
    assert f"{PART}: removed" in out
    assert not desk.path(PART).exists()
    assert desk.calls == [f"systemctl {RELOAD}"]


def test_sets_do_not_touch_each_other(desk: Desk) -> None:
    apply(desk, {CONF: entry("1\n")})
    apply(desk, {"/etc/secret": entry("s", mode="0600")}, owner="secret")
    assert desk.path(CONF).exists()
    code, _, error = apply(desk, {CONF: entry("2\n")}, owner="secret")
    assert code == 1
    assert "belongs to the set plain" in error


def test_mode_and_owner_are_corrected_without_reload(desk: Desk) -> None:
    files = {CONF: entry("1\n", on_change=[RELOAD])}
    apply(desk, files)
    desk.path(CONF).chmod(0o600)
    desk.forget()
    code, out, _ = apply(desk, files)
    assert (code, out) == (0, f"{CONF}: mode\n")
    assert desk.path(CONF).stat().st_mode & 0o777 == 0o644
    assert desk.calls == []


def test_diff_changes_nothing(desk: Desk) -> None:
    apply(desk, {CONF: entry("one\n"), PART: entry("p\n")})
    desk.forget()
    code, out, _ = apply(desk, {CONF: entry("two\n")}, "--diff")
    assert code == 2
    assert "-one" in out
    assert "+two" in out
    assert f"{PART}: would be removed" in out
    assert desk.read(CONF) == "one\n"
    assert desk.calls == []
    assert apply(desk, {CONF: entry("one\n"), PART: entry("p\n")}, "--diff")[0] == 0


def test_diff_of_secrets_shows_no_content(desk: Desk) -> None:
    code, out, _ = apply(desk, {"/etc/key": entry("pa55word", mode="0600")}, "--diff", owner="secret")
    assert code == 2
    assert "/etc/key" in out
    assert "pa55word" not in out


def test_a_killed_run_is_finished_by_the_next(desk: Desk) -> None:
    files = {CONF: entry("1\n", on_change=[RELOAD])}
    desk.fake("systemctl", "exit 1")  # the files are in place, the reload did not happen
    code, _, error = apply(desk, files)
    assert code == 1
    assert RELOAD in error
    desk.fake("systemctl", "exit 0")
    desk.forget()
    assert apply(desk, files)[0] == 0
    assert desk.calls == [f"systemctl {RELOAD}"]
    assert apply(desk, files)[1] == "nothing to do\n"


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"etc/x": entry("")}, "absolute"),
        ({"/etc/../x": entry("")}, "absolute"),
        ({"/etc/x": {"mode": "0644"}}, "content is missing"),
        ({"/etc/x": entry("", mode="rw")}, "not octal"),
        ({"/etc/x": entry("", owner="nobody-here")}, "nobody-here"),
        ({"/etc/x": entry("", check="magic")}, "no check 'magic'"),
        ({"/etc/x": entry("", on_change=["rm -rf /"])}, "no action 'rm -rf /'"),
        ({"/etc/x": entry("", on_change=["restart"])}, "no action 'restart'"),
        ({"/etc/x": entry("", colour="red")}, "unknown colour"),
        ({"/etc": entry("")}, "is a directory"),
    ],
)
def test_bad_input_is_named(desk: Desk, files: dict[str, Any], word: str) -> None:
    code, _, error = apply(desk, files)
    assert code == 1
    assert word in error
    assert error.startswith("mdb1: apply: ")


def test_no_json_is_said(desk: Desk) -> None:
    done = desk.run("apply", "--owner-set", "plain", stdin="{")
    assert done.returncode == 1
    assert "not JSON" in done.stderr


def test_a_role_judges_beside_a_checker(desk: Desk) -> None:
    """What the checker itself never looks at; in the same place, where the new files are seen."""
    judge = desk.write("/usr/local/lib/mariadb-ha/accepts-mariadbd-provider", "", mode=0o755)
    judge.write_text(
        f'#!/bin/sh\nif grep -q wrong {desk.path("/etc/mysql/x.cnf")}; then echo "no such option" >&2; exit 1; fi\n'
    )
    mine = "/etc/mysql/x.cnf"
    assert apply(desk, {mine: entry("[mariadbd]\n", check="mariadbd")})[0] == 0
    code, _, err = apply(desk, {mine: entry("[mariadbd]\nwrong = 1\n", check="mariadbd")})
    assert code == 1
    assert "no such option" in err
    assert desk.read(mine) == "[mariadbd]\n"
    assert apply(desk, {mine: entry("wrong\n", check="keepalived")}, owner="other")[0] == 1, "one set owns it"
