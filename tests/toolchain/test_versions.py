"""The versions named in several places agree, and every module is pinned with its checksums."""

import re
from pathlib import Path

import pytest

from tests.toolchain.project import ROOT

TOOLCHAIN = ROOT / "toolchain"
MODULES = ["cli", "language-python", "language-nodejs", "language-yaml", "libvirt", "command", "gofakes3"]


def versions() -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(\S+)$", (TOOLCHAIN / "versions").read_text(), re.MULTILINE))


def requirement(name: str) -> str:
    found = re.search(rf"^{name}==([^\s\\]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert found, f"{name} is not in requirements.txt"
    return found[1]


@pytest.mark.parametrize(
    ("here", "package"),
    [("official_cli", "pulumi"), ("plugin_libvirt", "pulumi-libvirt"), ("plugin_command", "pulumi-command")],
)
def test_a_plugin_answers_for_the_sdk_that_is_installed(here: str, package: str) -> None:
    assert versions()[here] == requirement(package)


@pytest.mark.parametrize("module", MODULES)
def test_go_minimum_builds_every_module(module: str) -> None:
    found = re.search(r"^go (\S+)$", (TOOLCHAIN / module / "go.mod").read_text(), re.MULTILINE)
    assert found
    needed = tuple(map(int, found[1].split(".")))
    assert needed <= tuple(map(int, versions()["go_minimum"].split(".")))


def test_the_go_that_is_fetched_is_new_enough_and_has_a_checksum() -> None:
    module = versions()["go_module"]
    fetched = tuple(map(int, module.removeprefix("v0.0.1-go").split(".")))
    assert fetched >= tuple(map(int, versions()["go_minimum"].split(".")))
    sums = (TOOLCHAIN / "go" / "go.sum").read_text()
    assert all(f"{module}.linux-{arch} h1:" in sums for arch in ("amd64", "arm64"))


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_checksums_of_its_direct_dependencies(module: str) -> None:
    text = (TOOLCHAIN / module / "go.mod").read_text()
    direct = re.findall(r"^(?:require )?\t?(\S+\.\S+/\S+) (v\S+)$", text, re.MULTILINE)
    assert direct
    sums = (TOOLCHAIN / module / "go.sum").read_text()
    assert [name for name, version in direct if f"{name} {version} h1:" not in sums] == []


def test_no_registry_and_no_path_of_a_machine_is_written_anywhere() -> None:
    forbidden = re.compile(r"proxy\.golang|sum\.golang|pypi\.org|pythonhosted|deb\.debian|npmjs|/work/")
    files = [p for p in TOOLCHAIN.rglob("*") if p.is_file()]
    assert [str(p) for p in files if forbidden.search(read(p))] == []


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
