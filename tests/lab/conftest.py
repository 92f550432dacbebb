"""The lab's tests: one folder per stack, one worker at a time for each (`tests/run`).

What a failed test leaves behind is kept.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.evidence import keep_evidence
from tests.lab.measuring import PROPERTY, Measure
from tests.lab.stacks import ROOT, Stack


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test of a living stack: consoles, journals and status are kept, and the report says where."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(stack, Stack):
        name = re.sub(r"[^A-Za-z0-9]+", "-", f"{item.path.parent.name}-{item.name}").strip("-")
        folder = ROOT / ".state" / "tests" / name
        report.sections.append(("kept", keep_evidence(stack, folder)))
    return report


@pytest.fixture(scope="session")
def vm_manifests() -> Path:
    """Where the VMs' files are written down for the bare-metal twin."""
    return ROOT / ".state" / "tests" / "vm-manifests.json"


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """Notes a figure for the summary of the run."""

    def note(what: str, figure: str) -> None:
        request.node.user_properties.append((PROPERTY, f"{what}: {figure}"))

    return note
