"""Drift: what hosts say, how it is told, in which order it is put right, and where that stops."""

from __future__ import annotations

import grp
import json
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ops.components import components_of
from ops.drift import look as drift
from ops.drift.look import HostDrift, clean, look_for_drift, parse_drift
from ops.drift.repair import Repairing, turns
from ops.drift.report import print_drift
from ops.hosts.shell import Answer
from tests.conftest import ROOT
from tests.ops import stack

DIFF = "--- /etc/x (delivered)\n+++ /etc/x (now)\n@@ -1 +1 @@\n-server_id=1\n+server_id=2"


def file(owner_set: str = "plain", path: str = "/etc/x", **more: Any) -> dict[str, Any]:
    return {"set": owner_set, "path": path, "what": ["content"], "diff": DIFF, "secret": False} | more


def said(*files: dict[str, Any], **more: Any) -> Answer:
    return Answer(reached=True, out=json.dumps({"files": list(files), **more}, indent=1) + "\n")


def drifted(host: str, *sets: str) -> HostDrift:
    return parse_drift(host, said(*(file(name) for name in sets)))


class Hosts:
    """Hosts that answer each command as told; the log has who did what, in order of the beginning."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.log: list[str] = []

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        """Asks for drift."""
        assert f"{drift.PROGRAMS}/drift" in script
        return self.answers.get(host, said())

    def follow(self, host: str, script: str, *, timeout: float, say: Any) -> Answer:
        """Repairs."""
        command = script.split(f"{drift.PROGRAMS}/")[1].removesuffix(" </dev/null\n")
        self.log.append(f"{host}: {command}")
        answer = self.answers.get(f"{host} {command}", Answer(reached=True, out="done\n"))
        for line in (answer.out + answer.error).splitlines():
            say(line)
        return answer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(reached=False, error="Connection timed out"), "Connection timed out"),
        (Answer(reached=True, code=127, error="there is no /usr/local/lib/mariadb-ha/drift"), "there is no"),
        (Answer(reached=True, code=1, error="mdb2: drift: another run (apply) has not ended"), "another run (apply)"),
        (Answer(reached=True, code=3), "code 3"),
        (Answer(reached=True, out="nonsense"), "not what hactl understands"),
        (Answer(reached=True, out='{"files": [{"set": 1}]}'), "not what hactl understands"),
    ],
)
def test_a_host_that_cannot_be_asked(answer: Answer, error: str) -> None:
    found = parse_drift("mdb2", answer)
    assert error in found.error
    assert not found.clean
    assert found.reached is answer.reached


def test_words_before_the_object_are_passed_over() -> None:
    answer = said(file("galera", what=["mode", "owner"]))
    found = parse_drift(
        "mdb2", Answer(reached=True, out="   0 s: waiting for another run (apply) to end\n" + answer.out)
    )
    assert [(f.owner_set, f.path, f.what) for f in found.files] == [("galera", "/etc/x", ("mode", "owner"))]


def test_every_host_is_asked() -> None:
    found = look_for_drift(stack.inventory(), Hosts(mdb2=said(file())))
    assert list(found) == list(stack.inventory().hosts)
    assert [host for host, one in found.items() if not one.clean] == ["mdb2"]
    assert not clean(found)


def test_the_question_is_bash() -> None:
    assert subprocess.run(["bash", "-n"], input=drift._ASK, text=True, capture_output=True, check=False).returncode == 0


def printed(found: dict[str, HostDrift], *, terminal: bool = False) -> str:
    console = Console(
        force_terminal=terminal, width=200, highlight=False, color_system="standard" if terminal else None
    )
    with console.capture() as capture:
        print_drift(console, "dev", found)
    return capture.get()


def test_report() -> None:
    files = [
        file("galera", "/etc/mysql/70.cnf"),
        file("plain", "/etc/a", what=["mode", "owner"], diff=""),
        file("plain", "/etc/b", what=["missing"], diff=""),
        file("plain", "/etc/c", what=["a symbolic link to /tmp/x, not a file"], diff=""),
    ]
    text = printed(
        {
            "mdb2": parse_drift("mdb2", said(*files)),
            "ha1": HostDrift(host="ha1", reached=False, error="no route"),
            "ha2": drifted("ha2"),
        }
    )
    assert "mdb2: 4 files changed by hand" in text
    assert "/etc/mysql/70.cnf (set galera): its content was changed\n    --- /etc/x (delivered)" in text
    assert "    -server_id=1\n    +server_id=2\n" in text
    assert "/etc/a (set plain): its mode was changed and its owner or group was changed" in text
    assert "/etc/b (set plain): it was removed" in text
    assert "/etc/c (set plain): it is a symbolic link to /tmp/x, not a file" in text
    assert "ha1: could not be asked: no route" in text
    assert "ha2:" not in text
    assert "4 files on 1 host changed by hand; not asked: ha1" in text
    assert "\x1b" not in text


def test_a_terminal_gets_colours_and_a_file_cannot_command_it() -> None:
    text = printed({"mdb2": parse_drift("mdb2", said(file(diff="+\x1b]0;owned\x07 \x9b2J")))}, terminal=True)
    assert "\x1b[32m" in text
    assert "\x1b]0;" not in text
    assert "\x07" not in text
    assert "\x9b" not in text


def test_a_secret_is_never_shown() -> None:
    """Not even when a host should send it."""
    found = {"mdb2": parse_drift("mdb2", said(file("secret", secret=True, diff="+password=hunter2")))}
    assert "hunter2" not in printed(found)
    assert "its content was changed (secret: not shown)" in printed(found)
    assert "hunter2" not in json.dumps({host: one.as_json() for host, one in found.items()})


def test_no_drift_is_said_and_what_is_unfinished_is_not_called_good() -> None:
    assert "stack dev: no drift\n" in printed({"mdb2": drifted("mdb2")})
    unfinished = HostDrift(host="mdb2", reached=True, unfinished=("plain",))
    assert not unfinished.clean
    assert "a delivery of the set plain was cut short" in printed({"mdb2": unfinished})
    assert "no drift where it could be seen" in printed({"mdb2": unfinished})


EVERYWHERE = {host: drifted(host, *sets) for host, *sets in (
    ("ha1", "plain", "director"), ("ha2", "director"), ("mdb1", "secret", "galera"),
    ("mdb2", "galera", "plain", "secret"), ("mdb3", "galera"),
)}  # fmt: skip


def repaired(hosts: Hosts, found: dict[str, HostDrift]) -> tuple[Any, list[str]]:
    words: list[str] = []
    return Repairing(inventory=stack.inventory(), shell=hosts, say=words.append).run(found), words


def test_order() -> None:
    """At once what nobody notices; then the reference node and the others; then the directors, the lowest priority
    first."""
    hosts = Hosts()
    done, words = repaired(hosts, EVERYWHERE)
    assert sorted(hosts.log[:4]) == [
        "ha1: drift --repair plain",
        "mdb1: drift --repair secret",
        "mdb2: drift --repair plain",
        "mdb2: drift --repair secret",
    ]
    assert hosts.log.index("mdb2: drift --repair plain") < hosts.log.index("mdb2: drift --repair secret")
    rolled = ["mdb1: galera-roll --recorded", "mdb2: galera-roll --recorded", "mdb3: galera-roll --recorded"]
    assert hosts.log[4:] == [*rolled, "ha2: director-up --recorded", "ha1: director-up --recorded"]
    assert done.stopped == ""
    assert all(step.good and step.words == ("done",) for step in done.steps)
    assert "mdb2: done" in words


def test_only_what_drifted() -> None:
    at_once, one_by_one = turns(
        stack.inventory(), {"mdb3": drifted("mdb3", "galera"), "ha1": drifted("ha1"), "mdb1": drifted("mdb1")}
    )
    assert at_once == []
    assert [(turn.host, turn.command) for turn in one_by_one] == [("mdb3", "galera-roll --recorded")]


REFUSES = Answer(
    reached=True, code=1, error="mdb2: galera-roll: the cluster is not whole: mdb3 does not answer. To do: start it\n"
)


@pytest.mark.parametrize(
    ("who", "answer", "last", "words"),
    [
        (
            "mdb2 galera-roll --recorded",
            REFUSES,
            "mdb2: galera-roll --recorded",
            "mdb2: galera-roll: the cluster is not whole",
        ),
        (
            "mdb1 galera-roll --recorded",
            Answer(reached=False, error="no answer within 5 s"),
            "mdb1: galera-roll --recorded",
            "it may still be at work there",
        ),
        (
            "ha2 director-up --recorded",
            Answer(reached=True, code=9),
            "ha2: director-up --recorded",
            "ha2: director-up --recorded: ended with code 9",
        ),
    ],
)
def test_the_first_refusal_ends_it(who: str, answer: Answer, last: str, words: str) -> None:
    hosts = Hosts(**{who: answer})
    done, _ = repaired(hosts, EVERYWHERE)
    assert hosts.log[-1] == last
    assert words in done.stopped
    assert [step.good for step in done.steps].count(False) == 1
    assert done.as_json()["steps"][-1]["good"] is False


def test_a_refusal_of_what_goes_at_once_spares_the_cluster() -> None:
    refuses = Answer(reached=True, code=1, error="mdb2: drift: nft refuses /etc/nftables.conf\n")
    hosts = Hosts(**{"mdb2 drift --repair plain": refuses})
    done, _ = repaired(hosts, EVERYWHERE)
    assert done.stopped == "mdb2: drift: nft refuses /etc/nftables.conf"
    assert "mdb2: drift --repair secret" not in hosts.log
    assert not [line for line in hosts.log if "recorded" in line]


def test_what_was_cut_short_is_finished() -> None:
    """A repair that was killed has left files that are right already: it must not look as if all were well."""
    answer = said()
    found = {
        "mdb2": parse_drift(
            "mdb2", Answer(reached=True, out=f"{answer.out}{drift.UNFINISHED} plain\n{drift.UNFINISHED} galera\n")
        )
    }
    assert not clean(found)
    assert "a delivery of the set galera was cut short, or is under way\n" in printed(found)
    hosts = Hosts()
    repaired(hosts, found)
    assert hosts.log == ["mdb2: drift --repair plain", "mdb2: galera-roll --recorded"]


@pytest.mark.parametrize(
    ("flag", "pending", "left"),
    [
        ("roll: a change of the configuration, boot=x pid=12\n", (), ("galera",)),
        ("new disk\n", (), ()),
        (None, ("plain", "director"), ("director", "plain")),
        ("roll: x, boot=x pid=12\n", ("galera",), ("galera",)),
    ],
)
def test_what_was_cut_short_is_found(
    flag: str | None, pending: tuple[str, ...], left: tuple[str, ...], tmp_path: Path
) -> None:
    """The question itself, on files: `/` of the host stands in a folder."""
    programs, state = tmp_path / "usr/local/lib/mariadb-ha", tmp_path / "var/lib/mariadb-ha"
    (state / "sets").mkdir(parents=True)
    programs.mkdir(parents=True)
    (programs / "drift").write_text("#!/bin/sh\nprintf '{\"files\": []}\\n'\n")
    (programs / "drift").chmod(0o755)
    if flag is not None:
        (state / "draining").write_text(flag)
    for name in pending:
        (state / "sets" / f"{name}.pending").write_text("[]")
    script = drift.ask_script("mdb2", components_of(stack.inventory()).values())
    for folder in ("/usr/local/lib", "/var/lib"):
        script = script.replace(folder, f"{tmp_path}{folder}")
    done = subprocess.run(["bash", "-s"], input=script, capture_output=True, text=True, check=False)
    found = parse_drift("mdb2", Answer(reached=True, code=done.returncode, out=done.stdout, error=done.stderr))
    assert (found.error, found.unfinished) == ("", left)


def test_the_servers_own_program_is_understood(tmp_path: Path) -> None:
    """What `drift` of cloudinit/programs prints, of files that were changed in each way."""
    me = {
        "owner": pwd.getpwuid(os.getuid()).pw_name,
        "group": grp.getgrgid(os.getgid()).gr_name,
        "check": None,
        "on_change": [],
    }
    record = {
        f"/etc/{name}": {"content": f"{name}\n", "mode": "0644", **me}
        for name in ("as-is", "edited", "moded", "gone", "linked")
    }
    secret = {"/etc/secret": {"content": "hunter2\n", "mode": "0600", **me}}
    sets = tmp_path / "var/lib/mariadb-ha/sets"
    sets.mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    for name, manifest in (("plain", record), ("secret", secret)):
        (sets / f"{name}.json").write_text(json.dumps(manifest))
    for path, entry in {**record, **secret}.items():
        (tmp_path / path.lstrip("/")).write_text(str(entry["content"]))
        (tmp_path / path.lstrip("/")).chmod(int(str(entry["mode"]), 8))
    etc = tmp_path / "etc"
    (etc / "edited").write_text("edited\nby hand\n")
    (etc / "moded").chmod(0o666)
    (etc / "gone").unlink()
    (etc / "linked").unlink()
    (etc / "linked").symlink_to("/tmp/elsewhere")
    (etc / "secret").write_text("hunter3\n")
    done = subprocess.run(
        [str(ROOT / "cloudinit/programs/host/drift")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MHA_ROOT": str(tmp_path)},
    )
    found = parse_drift("mdb2", Answer(reached=True, code=done.returncode, out=done.stdout, error=done.stderr))
    assert found.error == ""
    assert {f.path: f.what[0] for f in found.files} == {
        "/etc/edited": "content", "/etc/moded": "mode", "/etc/gone": "missing",
        "/etc/linked": "a symbolic link to /tmp/elsewhere, not a file", "/etc/secret": "content",
    }  # fmt: skip
    text = printed({"mdb2": found})
    assert "+by hand" in text
    assert "hunter" not in text
