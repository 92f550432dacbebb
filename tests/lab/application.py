"""An application's stack beside a stack of the lab: it takes endpoint and account by reference."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.stacks import ROOT, Stack


@dataclass(frozen=True)
class Application:
    """examples/application, brought up. `said`: its log; `outputs`: as anybody sees them; `url`, `options`:
    DATABASE_URL and DATABASE_OPTIONS of the service.
    """

    said: str
    outputs: str
    url: str
    options: str


@contextmanager
def application(stack: Stack, folder: Path) -> Iterator[Application]:
    """Brought up in a folder that is not there yet, and taken down."""
    shutil.copytree(ROOT / "examples/application", folder)
    env = {**os.environ, "PULUMI_CONFIG_PASSPHRASE_FILE": str(stack.state / "passphrase")}

    def pulumi(*words: str) -> str:
        done = subprocess.run(
            ["pulumi", "-C", str(folder), "--non-interactive", *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    name = f"application-{stack.name}"
    pulumi("stack", "init", name)
    try:
        pulumi("config", "set", "databaseStack", f"organization/mariadb-ha/{stack.name}")
        said = pulumi("up", "--yes", "--skip-preview")
        outputs = pulumi("stack", "output", "--json")
        url = pulumi("stack", "output", "database_url", "--show-secrets").strip()
        yield Application(said, outputs, url, pulumi("stack", "output", "database_options", "--json"))
    finally:
        pulumi("destroy", "--yes", "--skip-preview")
        pulumi("stack", "rm", "--yes")
