"""A git repository with this tree in it, on whose branches settings and programs change."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

#: What a plan needs no copy of.
WITHOUT = ("tests/", "docs/", "toolchain/", "lab/")
#: No host, no state of Pulumi and no secret is to be had by it.
ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "LANG": "C.UTF-8"}


class Repository:
    """A checkout in this folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of_this_tree(cls, folder: Path) -> Repository:
        """One whose `main` is this tree as it is now. Its modules are compiled."""
        made = cls(folder)
        made.begin()
        made.git("gc", "--quiet")
        made.plan()
        return made

    def copy(self, folder: Path) -> Repository:
        """Another one that is the same."""
        subprocess.run(["cp", "-a", self.folder, folder], check=True)
        return Repository(folder)

    def begin(self) -> None:
        """All that is tracked here is its first commit."""
        folder = self.folder
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file() and (not name.startswith(WITHOUT) or name.startswith("lab/stacks/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        (folder / ".cache").symlink_to(ROOT / ".cache")
        self.git("init", "--quiet", "--initial-branch=main")
        (folder / ".git" / "info" / "exclude").write_text("/.cache\n")
        # The files of a copy are others, with the same times.
        self.git("config", "core.checkStat", "minimal")
        self.git("config", "core.trustCTime", "false")
        self.commit("The tree")

    def git(self, *words: str) -> str:
        """One command of git."""
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        done = subprocess.run(
            ["git", *identity, *words], cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """Everything as it lies there; gives the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def settings(self, stack: str = "dev") -> dict[str, Any]:
        """The stack file's settings, sections without their prefix."""
        document = yaml.safe_load((self.folder / f"Pulumi.{stack}.yaml").read_text())
        return {key.removeprefix("mariadb-ha:"): value for key, value in document["config"].items()}

    def write(self, settings: dict[str, Any], stack: str = "dev") -> None:
        """The stack file anew."""
        config = {f"mariadb-ha:{key}": value for key, value in settings.items()}
        (self.folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}, sort_keys=False))

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A program of the tree."""
        return subprocess.run(
            list(words),
            cwd=self.folder,
            env={**ENVIRONMENT, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def plan(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`hactl plan`."""
        return self.run("./hactl", "plan", *words)
