"""Pulumi's state in an S3-compatible bucket (docs/pull-requests.md): history, and a lock that outlives its owner."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.toolchain.project import ROOT, environment

#: Notes that it runs, waits until it may end, and exports what it was told to. It makes no resource.
PROGRAM = """
import time
from pathlib import Path

import pulumi

Path("runs").touch()
while not Path("may-end").exists():
    time.sleep(0.05)
pulumi.export("revision", Path("revision").read_text())
"""
PATIENCE = 60


class Bucket:
    """A project whose state lies in a bucket of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.env = {
            **environment(),
            "PULUMI_BACKEND_URL": f"s3://state?endpoint=http://127.0.0.1:{port}&s3ForcePathStyle=true&disableSSL=true",
            "PULUMI_CONFIG_PASSPHRASE": "bucket",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }
        (folder / "Pulumi.yaml").write_text("name: bucket\nruntime: python\n")
        (folder / "__main__.py").write_text(PROGRAM)
        self.let_end(True)
        self.good("stack", "init", "dev")

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command of the CLI in a session of its own."""
        return subprocess.Popen(
            ["pulumi", "--non-interactive", "-C", str(self.folder), *words],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """How it ended, and all that it said."""
        process = self.start(*words)
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def good(self, *words: str) -> str:
        """All that it said; it must end well."""
        code, said = self.run(*words)
        assert code == 0, said
        return said

    def up(self, revision: str) -> subprocess.Popen[str]:
        """An `up` that exports this."""
        (self.folder / "revision").write_text(revision)
        (self.folder / "runs").unlink(missing_ok=True)
        return self.start("up", "--yes", "--skip-preview", "--stack", "dev", "--message", revision)

    def up_that_waits(self, revision: str) -> subprocess.Popen[str]:
        """An `up` whose program has begun, and does not end before it may."""
        self.let_end(False)
        process = self.up(revision)
        end = time.monotonic() + PATIENCE
        while not (self.folder / "runs").exists():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end
            time.sleep(0.05)
        return process

    def let_end(self, may: bool) -> None:
        if may:
            (self.folder / "may-end").touch()
        else:
            (self.folder / "may-end").unlink()


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    """In an object store that keeps everything in memory, on a free port of loopback."""
    subprocess.run([ROOT / "toolchain/tools"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = ROOT / ".cache/toolchain/bin/gofakes3"
    store = subprocess.Popen([program, "-backend=memory", "-initialbucket=state", "-quiet", f"-host=127.0.0.1:{port}"])
    try:
        end = time.monotonic() + PATIENCE
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            assert store.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        yield Bucket(tmp_path, port)
    finally:
        store.kill()
        store.wait()


def test_two_at_once_are_refused_and_the_history_has_both_revisions(bucket: Bucket) -> None:
    first = bucket.up_that_waits("one")
    code, said = bucket.run("up", "--yes", "--skip-preview", "--stack", "dev")
    assert code != 0
    assert "the stack is currently locked by 1 lock(s)" in said
    assert f"pid {first.pid}" in said, "it says who has it"
    bucket.let_end(True)
    said, _ = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0, said
    second = bucket.up("two")
    said, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, said
    assert json.loads(bucket.good("stack", "output", "--json", "--stack", "dev")) == {"revision": "two"}
    history = json.loads(bucket.good("stack", "history", "--json", "--stack", "dev"))
    assert [(each["message"], each["result"]) for each in history] == [("two", "succeeded"), ("one", "succeeded")]


def test_the_lock_of_a_killed_one_stays_until_it_is_cancelled(bucket: Bucket) -> None:
    first = bucket.up_that_waits("one")
    # The language host has a group of its own, and would stay.
    subprocess.run(["pkill", "-KILL", "--session", str(first.pid)], check=True)
    first.communicate(timeout=PATIENCE)
    bucket.let_end(True)
    code, said = bucket.run("up", "--yes", "--skip-preview", "--stack", "dev")
    assert code != 0
    assert "the stack is currently locked by 1 lock(s)" in said
    bucket.good("cancel", "--yes", "--stack", "dev")
    bucket.good("up", "--yes", "--skip-preview", "--stack", "dev")
