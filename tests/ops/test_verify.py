"""`hactl verify`: the host's words are passed on, what differs is told by the exit code, and nothing is guessed."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from ops.component import Verification
from ops.errors import Exit, OpsError
from ops.hosts.shell import Answer
from ops.status import look
from ops.verify import command
from tests.ops import stack
from tests.ops import test_drbd as pair
from tests.ops.fakes import FakeShell

COMPARED = Verification(host="nod1", script="exec drbd-verify </dev/null\n")


def run(shell: FakeShell, inventory: Any = None) -> Any:
    return SimpleNamespace(
        stack="drbd", inventory=inventory or pair.inventory(), shell=shell, err=Console(file=io.StringIO())
    )


@pytest.mark.parametrize("alike", [True, False])
def test_what_the_host_says_is_passed_on(alike: bool) -> None:
    shell = FakeShell()
    words = "both disks are alike" if alike else "differs: 4 KiB at 0 KiB of /dev/drbd0"
    shell.fail["exec drbd-verify </dev/null"] = Answer(reached=True, code=0 if alike else 1, out=words)
    found = command.verified(run(shell), "drbd", COMPARED)
    assert found == {"component": "drbd", "host": "nod1", "alike": alike, "said": [words]}


def test_a_host_that_is_lost_on_the_way_is_no_difference() -> None:
    shell = FakeShell()
    shell.fail["exec drbd-verify </dev/null"] = Answer(reached=False, error="connection reset")
    with pytest.raises(OpsError) as raised:
        command.verified(run(shell), "drbd", COMPARED)
    assert raised.value.code is Exit.UNREACHABLE and "goes on there" in raised.value.what


def test_a_stack_without_such_copies_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "gather", lambda *_, **__: stack.facts())
    with pytest.raises(OpsError, match="no component of stack drbd has copies") as raised:
        command.planned(run(FakeShell(), stack.inventory()))
    assert raised.value.code is Exit.REFUSED


def test_a_pairs_disks_are_what_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "gather", lambda *_, **__: pair.facts())
    assert {name: one.host for name, one in command.planned(run(FakeShell())).items()} == {"drbd": "nod1"}
