"""Every program: small, delivered with the modules it imports, explains itself, and fails in one line."""

from __future__ import annotations

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from plan.build import make_plan
from plan.model import HostPlan
from tests.golden.stacks import STACKS
from tests.programs.conftest import PROGRAMS, Desk

PYTHON = sorted(
    file.name for file in PROGRAMS.iterdir() if file.is_file() and file.read_text().startswith("#!/usr/bin/python3")
)
MODULES = {file.stem for file in PROGRAMS.glob("*.py")}
SHELL = sorted(file.name for file in PROGRAMS.glob("*.sh"))
WITH_HELP = [
    "apply",
    "director-up",
    "drain-watch",
    "galera-join",
    "galera-roll",
    "health-agent",
    "ready",
    "realserver-in",
    "web-up",
]


@cache
def imports(file: Path, *, everywhere: bool = False) -> frozenset[str]:
    """The modules of this folder that a file needs to begin, those of its modules included; `everywhere`: and those
    that it imports within a function.
    """
    tree = ast.parse(file.read_text())
    found: set[str] = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    found &= MODULES
    return frozenset(found).union(*(imports(PROGRAMS / f"{name}.py", everywhere=everywhere) for name in found))


def delivered(plan: HostPlan) -> set[str]:
    """The programs and modules that a host gets."""
    return {Path(file.path).name for file in plan.files if file.path.startswith("/usr/local/lib/mariadb-ha/")}


@pytest.mark.parametrize("stack", STACKS)
def test_a_program_comes_with_its_modules(stack: str) -> None:
    """On every host of every kind; what is imported within a function is there on a host that has both."""
    for host, plan in make_plan(STACKS[stack]()).hosts.items():
        here = delivered(plan)
        found_by_name = {name for name in here if name.startswith(("check_", "facts_", "resource_"))}
        for name in found_by_name | (here & set(PYTHON)):
            missing = {f"{module}.py" for module in imports(PROGRAMS / name)} - here
            assert not missing, f"{name} on {host} lacks {missing}"


@pytest.mark.parametrize("name", sorted(set(PYTHON) - {"health-agent", "master-watch"}))
def test_a_program_needs_nothing_that_a_step_delivers(name: str) -> None:
    """What the agent reads at its start comes with a step's own set: that step's program runs before it lies there."""
    late = [module for module in imports(PROGRAMS / name) if module.startswith(("health_", "check_"))]
    assert not late, f"{name} imports {late}"


def test_a_module_for_some_hosts_comes_where_it_is_asked_for() -> None:
    """Imports within a function: a host of some stack has the program and all of them."""
    hosts = [delivered(plan) for stack in STACKS.values() for plan in make_plan(stack()).hosts.values()]
    for name in PYTHON:
        wanted = {f"{module}.py" for module in imports(PROGRAMS / name, everywhere=True)}
        assert any({name} | wanted <= here for here in hosts), f"no host has {name} with {sorted(wanted)}"


@pytest.mark.parametrize(
    "file", sorted(file for file in PROGRAMS.iterdir() if file.is_file()), ids=lambda file: file.name
)
def test_small_and_explained(file: Path) -> None:
    lines = file.read_text().splitlines()
    shell = lines[0].endswith("sh")
    # A program of the shell is whole in one file: it has no modules.
    assert len(lines) <= (300 if shell else 250)
    if shell:
        assert lines[1].startswith("# "), "says what it is"
    elif file.suffix in ("", ".py"):
        assert ast.get_docstring(ast.parse(file.read_text())), "says what it is"


@pytest.mark.parametrize("name", [*PYTHON, *SHELL])
def test_executable(name: str) -> None:
    assert (PROGRAMS / name).stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize("name", WITH_HELP)
def test_help(desk: Desk, name: str) -> None:
    done = desk.run(name, "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 4


AT_WORK = [
    "galera-start",
    "galera-join",
    "galera-bootstrap",
    "galera-settle",
    "galera-wake",
    "realserver-in",
    "director-up",
    "drain-watch",
    "health-agent",
]


@pytest.mark.parametrize("name", AT_WORK)
def test_a_host_without_its_files_gets_one_line(desk: Desk, name: str) -> None:
    done = desk.run(name)
    assert done.returncode == 1
    assert done.stderr.startswith(f"mdb1: {name}: /etc/mariadb-ha/")
    assert "To do: " in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", SHELL)
def test_shellcheck(name: str) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    done = subprocess.run(["shellcheck", str(PROGRAMS / name)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
