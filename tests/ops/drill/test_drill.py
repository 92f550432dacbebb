"""A drill's course on fakes: what it refuses, in which order it works, and that it always cleans up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.component import FaultKind
from ops.components import components_of
from ops.errors import Exit, Interrupted, OpsError
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Answer
from ops.inventory import parse
from ops.kinds.directors.drills import DIRECTOR_KILL, DIRECTOR_STOP, REALSERVER_KILL, REALSERVER_STOP
from ops.ledger import store
from ops.roles.agent import serves_script
from ops.status import look
from tests.ops import stack
from tests.ops.fakes import FakePower, FakeShell, FastDrill, fake_drill

ROWS = {"mdb1": [1, 2, 3], "mdb2": [1, 2, 3], "mdb3": [1, 2, 3]}


@pytest.fixture(autouse=True)
def facts(monkeypatch: pytest.MonkeyPatch) -> dict[str, HostFacts]:
    """What the hosts say; a test may change it."""
    found = stack.facts()

    def gather(*_: Any, **__: Any) -> Mapping[str, HostFacts]:
        return found

    monkeypatch.setattr(look, "gather", gather)
    return found


def run(drill: FastDrill) -> dict[str, Any]:
    drill.check()
    return drill.run().as_json()


@pytest.mark.parametrize(
    ("fault_kind", "target", "changes"),
    [
        (DIRECTOR_STOP, "ha1", ["systemctl stop keepalived", "systemctl start --no-block keepalived"]),
        (DIRECTOR_KILL, "ha1", ["cut", "restore", "disarm"]),
        (REALSERVER_STOP, "mdb3", ["systemctl stop mariadb", "systemctl start --no-block mariadb"]),
        (REALSERVER_KILL, "mdb3", ["cut", "restore", "disarm"]),
    ],
)
def test_course(fault_kind: FaultKind, target: str, changes: list[str], tmp_path: Path) -> None:
    """The VIP's holder, or the real server with most sessions, is struck once, its repair armed before, repaired once,
    and nothing is left behind."""
    shell = FakeShell(ROWS)
    result = run(fake_drill(fault_kind, tmp_path, shell))
    assert shell.changes() == [
        "mdb2: drop",
        "mdb2: create",
        *(f"{target}: {change}" for change in ("arm", *changes)),
        "mdb2: drop",
    ]
    assert result["target"] == target
    assert (
        result["writes_acked"],
        result["writes_lost"],
        result["healed"],
        result["nodes_equal"],
        result["passed"],
    ) == (3, 0, True, True, True)
    assert result["promised_gap_s"] == stack.inventory().promised_write_gap_s[fault_kind.name]


CONTRACT = {
    "drill", "stack", "target", "write_gap_s", "promised_gap_s", "writes_acked", "writes_lost", "client_errors",
    "sessions_broken", "healed", "nodes_equal", "client_gap_s", "failback_gap_s", "timeline", "history",
    "uncleaned", "passed",
}  # fmt: skip


def test_the_result_has_the_promised_keys(tmp_path: Path) -> None:
    assert run(fake_drill(DIRECTOR_STOP, tmp_path, FakeShell(ROWS))).keys() >= CONTRACT


@pytest.mark.parametrize(
    ("rows", "lost", "equal"),
    [
        ({**ROWS, "mdb3": [1, 3]}, 1, False),
        ({**ROWS, "mdb1": [1, 2, 3, 3]}, 0, False),
        ({"mdb1": [1, 2, 3], "mdb2": [1, 2, 3]}, 0, False),  # mdb3 does not answer
        ({node: [1, 2] for node in ROWS}, 1, True),
    ],
)
def test_a_bad_ledger_fails_the_drill(rows: dict[str, list[int]], lost: int, equal: bool, tmp_path: Path) -> None:
    result = run(fake_drill(DIRECTOR_STOP, tmp_path, FakeShell(rows)))
    assert (result["writes_lost"], result["nodes_equal"], result["passed"]) == (lost, equal, False)


def test_a_stack_that_does_not_heal_fails_the_drill(tmp_path: Path, facts: dict[str, HostFacts]) -> None:
    shell = FakeShell(ROWS)
    shell.on["systemctl stop keepalived"] = lambda: facts.update(stack.changed(ha2=stack.unreachable("ha2")))
    result = run(fake_drill(DIRECTOR_STOP, tmp_path, shell))
    assert (result["healed"], result["passed"]) == (False, False)
    assert any(
        "not healthy after" in entry["event"] and "only director left" in entry["event"] for entry in result["timeline"]
    )


def test_failback_is_waited_for(tmp_path: Path, facts: dict[str, HostFacts]) -> None:
    """A stack whose VIP stays with the lower priority is healthy but not healed: preemption was promised."""
    moved = stack.changed(
        ha1={"addresses": {"eth0": ("172.16.21.201",)}}, ha2={"addresses": {"eth0": ("172.16.21.202", stack.VIP)}}
    )
    shell = FakeShell(ROWS)
    shell.on["systemctl stop keepalived"] = lambda: facts.update(moved)
    assert run(fake_drill(DIRECTOR_STOP, tmp_path, shell))["healed"] is False


def test_a_host_that_never_comes_up_is_not_drowned_in_full_looks(tmp_path: Path) -> None:
    """While the struck host is not up, nobody else is asked: the questions would slow the writes that are measured."""
    shell = FakeShell(ROWS)
    shell.fail["up?"] = Answer(reached=True, code=1)
    result = run(fake_drill(REALSERVER_KILL, tmp_path, shell))
    assert result["healed"] is False
    assert any("the service on mdb3 is not up yet" in entry["event"] for entry in result["timeline"])
    assert {line.split(": ")[0] for line in shell.log if line.endswith("up?")} == {"mdb3"}


@pytest.mark.parametrize("host", ["ha1", "mdb2"])
def test_the_light_question_is_a_script_that_bash_takes(host: str) -> None:
    script = components_of(stack.inventory())["directors"].up_script(host)
    assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("answer", "up"), [(b"HTTP/1.0 200 OK\r\n\r\nok", True), (b"HTTP/1.0 503 no\r\n\r\nno", False), (None, False)]
)
def test_the_light_question_reads_the_agent(answer: bytes | None, up: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(answer or b"")

        thread = threading.Thread(target=serve, daemon=True)
        if answer is None:
            server.close()
        else:
            thread.start()
        script = serves_script("127.0.0.1", port)
        assert (subprocess.run(["bash", "-s"], input=script, text=True, check=False).returncode == 0) is up


def refused(drill: FastDrill) -> OpsError:
    with pytest.raises(OpsError) as caught:
        drill.check()
    return caught.value


@pytest.mark.parametrize(
    ("said", "words"),
    [("refused", "do not allow drills (drills: refused)"), (None, "before its settings could allow drills")],
)
def test_refuses_without_the_stacks_consent(said: str | None, words: str, tmp_path: Path) -> None:
    """Nothing is touched, not even asked; also of a stack that was brought up before there was such a setting."""
    data = stack.inventory_data()
    del data["drills"]
    shell = FakeShell(ROWS)
    inventory = parse(data | ({} if said is None else {"drills": said}), "test")
    error = refused(fake_drill(DIRECTOR_STOP, tmp_path, shell, inventory=inventory))
    assert error.code is Exit.REFUSED
    assert words in error.what
    assert "cuts power" in error.what, "what a drill does"
    assert "mariadb-ha:drills: allowed" in error.todo
    assert "make up STACK=dev" in error.todo
    assert shell.log == []


def test_refuses_an_unhealthy_stack_and_says_why(tmp_path: Path, facts: dict[str, HostFacts]) -> None:
    facts.update(stack.changed(mdb2=stack.unreachable("mdb2")))
    shell = FakeShell(ROWS)
    error = refused(fake_drill(DIRECTOR_STOP, tmp_path, shell))
    assert error.code is Exit.REFUSED
    assert "mdb2: unreachable over SSH" in error.what
    assert shell.changes() == []


def test_between_drills_a_stack_may_settle(
    tmp_path: Path, facts: dict[str, HostFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts.update(stack.changed(mdb2=stack.unreachable("mdb2")))
    monkeypatch.setattr(time, "sleep", lambda _: facts.update(stack.facts()))
    drill = fake_drill(DIRECTOR_STOP, tmp_path, FakeShell(ROWS))
    drill.timing = replace(drill.timing, settle=60)
    assert drill.check() == "ha1"


def test_refuses_when_nothing_answers(tmp_path: Path, facts: dict[str, HostFacts]) -> None:
    facts.update({host: stack.unreachable(host) for host in facts})
    assert refused(fake_drill(DIRECTOR_STOP, tmp_path, FakeShell())).code is Exit.UNREACHABLE


def test_refuses_a_target_without_the_role(tmp_path: Path) -> None:
    with pytest.raises(OpsError) as caught:
        fake_drill(REALSERVER_KILL, tmp_path, FakeShell(), target="mdb1")
    assert caught.value.code is Exit.REFUSED
    assert "mdb2, mdb3" in caught.value.what


def test_refuses_while_another_drill_writes(tmp_path: Path) -> None:
    shell = FakeShell(ROWS)
    shell.fail["others"] = Answer(reached=True, out="6\n")
    assert "another drill is writing" in refused(fake_drill(DIRECTOR_STOP, tmp_path, shell)).what


def test_forgotten_accounts_and_their_sessions_go(tmp_path: Path) -> None:
    """What a killed drill left is swept before and after: accounts first, so that nobody logs in again, then sessions
    on every node."""
    shell = FakeShell(ROWS)
    shell.fail["accounts"] = Answer(reached=True, out="'hactl_drill_0a'@'%'\n")
    fake_drill(DIRECTOR_STOP, tmp_path, shell).store.drop()
    changes = shell.changes()
    assert changes[0] == "mdb2: drop users"
    assert sorted(changes[1:4]) == ["mdb1: kill", "mdb2: kill", "mdb3: kill"]
    assert changes[4:] == ["mdb2: drop"]


def test_the_scripts_are_bash(tmp_path: Path) -> None:
    scripts = [
        store._client(store._KILLS, "| mariadb --force"),
        store._client(f"SET SESSION wsrep_sync_wait=15; {store._CONTENTS}"),
    ]
    for script in scripts:
        assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False).returncode == 0


def test_refuses_client_addresses_that_are_not_here(tmp_path: Path) -> None:
    data = stack.inventory_data()
    data["access"]["client_addresses"] = ["192.0.2.77"]
    error = refused(fake_drill(DIRECTOR_STOP, tmp_path, FakeShell(), inventory=parse(data, "test")))
    assert "192.0.2.77" in error.what


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    "moment", ["create", "systemctl stop keepalived", "systemctl start --no-block keepalived", "read"]
)
def test_interrupted_at_any_moment_it_cleans_up(moment: str, number: signal.Signals, tmp_path: Path) -> None:
    """The fault is repaired before the database goes, whatever was reached; a deed that was cut short is undone too."""
    shell = FakeShell(ROWS)
    shell.on[moment] = lambda: os.kill(os.getpid(), number)
    drill = fake_drill(DIRECTOR_STOP, tmp_path, shell)
    drill.check()
    with pytest.raises(Interrupted, match=number.name):
        drill.run()
    changes = shell.changes()
    assert changes[-1] == "mdb2: drop"
    if "ha1: systemctl stop keepalived" in changes:
        assert changes[-2] == "ha1: systemctl start --no-block keepalived"


def test_a_second_signal_does_not_stop_the_cleanup(tmp_path: Path) -> None:
    shell = FakeShell(ROWS)
    shell.on["systemctl stop keepalived"] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    shell.on["systemctl start --no-block keepalived"] = lambda: os.kill(os.getpid(), signal.SIGINT)
    drill = fake_drill(DIRECTOR_STOP, tmp_path, shell)
    drill.check()
    with pytest.raises(Interrupted):
        drill.run()
    assert shell.changes()[-2:] == ["ha1: systemctl start --no-block keepalived", "mdb2: drop"]


def test_what_cannot_be_cleaned_is_told_and_the_rest_is_cleaned(tmp_path: Path) -> None:
    shell = FakeShell(ROWS)
    said: list[str] = []
    drill = fake_drill(DIRECTOR_KILL, tmp_path, shell)
    drill.say = said.append
    assert isinstance(drill.power, FakePower)
    drill.power.broken = True
    drill.check()
    with pytest.raises(OpsError, match="libvirt is gone"):
        drill.run()
    assert shell.changes()[-1] == "mdb2: drop"
    assert any(
        words.startswith("NOT CLEANED UP: repairing: power of ha1 cut") and "switch ha1 on" in words for words in said
    )


def test_a_fault_that_cannot_be_made_is_undone_all_the_same(tmp_path: Path) -> None:
    shell = FakeShell(ROWS)
    shell.fail["systemctl stop mariadb"] = Answer(reached=False, error="no answer within 180 s")
    drill = fake_drill(REALSERVER_STOP, tmp_path, shell)
    drill.check()
    with pytest.raises(OpsError, match="mdb3: systemctl stop mariadb failed"):
        drill.run()
    assert shell.changes()[-2:] == ["mdb3: systemctl start --no-block mariadb", "mdb2: drop"]
