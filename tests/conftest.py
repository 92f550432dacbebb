"""What all tests share: a good stack, its context and plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plan.context import Context
from plan.secrets import Secrets
from settings import load_stack

#: Not a secret of anything that lives.
TEST_SECRET = "unit-test-secret-" + "0123456789abcdef" * 3


def dev_config() -> dict[str, Any]:
    """The dev stack's configuration, fresh for each caller."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    return dict(document["config"])


def make_context(changes: dict[str, Any] | None = None, *, stack: str = "dev") -> Context:
    """The dev stack's context with top-level sections changed (dictionaries are merged into the section)."""
    config = dev_config()
    for key, value in (changes or {}).items():
        full = f"mariadb-ha:{key}"
        config[full] = {**config.get(full, {}), **value} if isinstance(value, dict) else value
    settings = load_stack(config)
    return Context(stack=stack, settings=settings, secrets=Secrets(stack=stack, stack_secret=TEST_SECRET, generations=settings.secret_generations))


@pytest.fixture
def context() -> Context:
    """The dev stack's context."""
    return make_context()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--write-golden`: tests/golden keeps what is made now."""
    parser.addoption("--write-golden", action="store_true", help="tests/golden: keep what is made now")


#: What no test machine like ours can run, and what stands in for it.
NOT_RUN = {
    "official downloads of Pulumi and its plugins": "contract test: tests/toolchain/test_official.py",
    "guests under KVM": "contract test: tests/unit/test_domain_type.py; the domain type and its processors are the only difference in the graph",
    "Debian's official generic image": "an unbaked guest with a local package repository: tests/lab/test_5_own_program.py",
    "every drill, several times each": "make drills, written down in docs/measured.md",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was not run, so that a green run is not taken for more than it is."""
    terminalreporter.section("not run on this machine")
    for what, instead in NOT_RUN.items():
        terminalreporter.write_line(f"{what}: {instead}")
