"""`make down` leaves nothing behind."""

from __future__ import annotations

import subprocess

import pytest

from tests.lab.stacks import REUSE, ROOT, Stack, tracked_files

pytestmark = pytest.mark.skipif(REUSE, reason="the stack belongs to somebody who wants it kept")


def test_down_leaves_nothing(stack: Stack) -> None:
    uri = stack.run("lab/uri").out.strip()
    namespace = uri.split("/run/")[1].split("/")[0]
    done = stack.make("down")
    assert done.code == 0, done.out
    assert not (ROOT / ".state/dev").exists()
    assert not list((ROOT / ".state/lab/default").rglob("*.qcow2"))
    assert not list((ROOT / ".state/lab/pools/dev").rglob("*.qcow2"))
    assert namespace not in subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [
        line for line in running.splitlines() if "qemu-system" in line and "dev-mdb" in line and namespace in line
    ]
    assert tracked_files("dev") == stack.tracked_before


def test_down_again_has_nothing_to_do(stack: Stack) -> None:
    done = stack.make("down")
    assert done.code == 0, done.out
    assert "nothing to do" in done.out
