"""`pip install .`: the wheel alone, in an environment that does not see the checkout, makes the checkout's plans."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from plan.document.__main__ import document
from tests.conftest import ROOT, TEST_SECRET

STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))
#: Says where the rooms were found, and a digest of the plan of every stack file in the folder that it is given.
PROGRAM = """
import hashlib, importlib, json, sys
from pathlib import Path
from plan.document.__main__ import document

folder, key, *stacks = sys.argv[1:]
rooms = ("settings", "plan", "components", "cloudinit", "preflight", "ops")
found = {room: importlib.import_module(room).__file__ for room in rooms}
plans = {stack: document(Path(folder), stack, key) for stack in stacks}
print(json.dumps({"rooms": found, "plans": {
    stack: hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest() for stack, made in plans.items()
}}))
"""
TYPED = """
from components import GaleraCluster
from plan.model import HostPlan

def name(host: HostPlan) -> str:
    return host.name

reveal_type(GaleraCluster)
port: int = name
"""


def run(*words: str | Path, cwd: Path) -> str:
    """A command that must end well; its output."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git keeps of the tree, as it lies here: a build leaves files beside its sources."""
    folder = tmp_path_factory.mktemp("sources")
    names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    for name in names:
        if name and (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """Of a fresh environment with the wheel in it. What the wheel needs comes from the environment of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
    run(*pip, "wheel", "--no-deps", "-w", folder, sources, cwd=folder)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    found = folder / "venv/bin/python"
    place = Path(run(found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (place / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = folder.glob("*.whl")
    run(*pip, "--python", found, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    return found


def test_what_is_installed_makes_the_plans_of_the_checkout(python: Path, sources: Path, tmp_path: Path) -> None:
    said = json.loads(run(python, "-I", "-c", PROGRAM, sources, TEST_SECRET, *STACKS, cwd=tmp_path))
    for room, file in said["rooms"].items():
        assert Path(file).is_relative_to(python.parent.parent), f"{room} is not the installed one"
    made = {stack: document(ROOT, stack, TEST_SECRET) for stack in STACKS}
    assert all(not plan["refused"] for plan in made.values())
    assert said["plans"] == {
        stack: hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest() for stack, plan in made.items()
    }


def test_what_it_needs_is_what_the_project_needs(python: Path, tmp_path: Path) -> None:
    asked = "from importlib.metadata import requires; print('\\n'.join(requires('mariadb-ha')))"
    installed = {line.split("=")[0].split("<")[0] for line in run(python, "-I", "-c", asked, cwd=tmp_path).split()}
    wanted = {
        line.split("#")[0].split("=")[0].split(">")[0].strip() for line in (ROOT / "requirements.in").open() if line
    }
    assert installed == wanted


def test_it_is_typed(python: Path, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(TYPED)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "--follow-imports", "silent")
    done = subprocess.run([*mypy, "own.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "components.galera_cluster.GaleraCluster" in said, said
    assert "Incompatible types in assignment" in said
    assert "found 1 error in 1 file" in said.lower(), said


def test_a_file_of_the_settings_is_read_where_the_program_runs(python: Path, tmp_path: Path) -> None:
    asked = "from settings.project import project_folder; print(project_folder())"
    assert run(python, "-I", "-c", asked, cwd=tmp_path).strip() == str(tmp_path)
