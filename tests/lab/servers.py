"""Stacks on servers that were there before: a key of the tests' own, admitted before the stack is made."""

from __future__ import annotations

import shutil

from plan.secrets import Secrets, SshKey
from tests.conftest import TEST_SECRET
from tests.lab.stacks import ROOT, Stack


def keep_secret(stack: Stack) -> SshKey:
    """The stack's secret is the tests' own, so that its SSH key can be admitted before the stack is made."""
    stack.state.mkdir(parents=True, exist_ok=True)
    (stack.state / "stack_secret").touch(mode=0o600)
    (stack.state / "stack_secret").write_text(TEST_SECRET + "\n")
    return Secrets(stack=stack.name, stack_secret=TEST_SECRET).ssh_key("admin-ssh-key")


def forget(stack: Stack) -> None:
    """What an earlier run left of the stack: its servers are gone."""
    shutil.rmtree(stack.state, ignore_errors=True)
    for path in (ROOT / ".state/pulumi").rglob(f"{stack.name}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
