"""Shared by the tests of the lab's scripts: run one,
with a few commands of the system replaced where a test says so.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "lab"

Done = subprocess.CompletedProcess[str]


def bash(script: str, *, env: dict[str, str] | None = None, cwd: Path = ROOT, stdin: str = "") -> Done:
    """Runs a bash script text; output and errors apart."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **(env or {})},
        check=False,
    )


@pytest.fixture
def commands(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Gives commands of the system other bodies: `commands(apt_get="echo x")` returns the environment that has them."""

    def replace(**bodies: str) -> dict[str, str]:
        place = tmp_path / "bin"
        place.mkdir(exist_ok=True)
        for name, body in bodies.items():
            file = place / name.replace("_", "-")
            file.write_text(f"#!/bin/sh\n{body}\n")
            file.chmod(0o755)
        return {"PATH": f"{place}:{os.environ['PATH']}"}

    return replace
