"""`make up` runs Pulumi once more where it failed of something that passes by itself, and only there."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pulumi import automation as auto
from rich.console import Console

from deploy.errors import DeployError
from deploy.inside import run_up

URI = "qemu:///system"
SEED = "sdk-v2/provider2.go:572: error while retrieving remote ISO: error initializing ISO reader: corrupted-image: EOF"


class Stack:
    """A stack whose `up`s end as they are told: with words, an error's, or none."""

    def __init__(self, *ends: str) -> None:
        self.ends, self.ups = list(ends), 0

    def up(self, **_: Any) -> None:
        self.ups += 1
        if words := self.ends.pop(0):
            raise auto.CommandError(cast(Any, SimpleNamespace(stdout=words, stderr="", code=255)))

    def export_stack(self) -> auto.Deployment:
        return auto.Deployment(version=3, deployment={})


def run(stack: Stack) -> str:
    """What is printed meanwhile."""
    said = io.StringIO()
    run_up(cast(Any, stack), URI, Console(file=said, width=200))
    return said.getvalue()


def test_a_first_boot_disk_that_was_read_too_early_is_made_again() -> None:
    stack = Stack(SEED, "")
    assert "this passes by itself, so once more" in run(stack)
    assert stack.ups == 2


def test_twice_is_no_accident() -> None:
    stack = Stack(SEED, SEED, "")
    with pytest.raises(DeployError, match="retrieving remote ISO"):
        run(stack)
    assert stack.ups == 2


@pytest.mark.parametrize("words", ["", "no space left on device"])
def test_what_does_not_pass_by_itself_is_said_at_once(words: str) -> None:
    stack = Stack(words)
    if words:
        with pytest.raises(DeployError, match=words):
            run(stack)
    else:
        assert "once more" not in run(stack)
    assert stack.ups == 1
