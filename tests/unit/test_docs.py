"""docs/ is a site: nothing is missing in its navigation, and a link that leads nowhere fails."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT


def build(root: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    return tmp_path


def test_the_site_is_built(site: Path) -> None:
    done = build(site)
    assert done.returncode == 0, done.stderr
    page = (site / ".cache/site/index.html").read_text()
    assert "Runbook" in page
    assert "://fonts." not in page


@pytest.mark.parametrize("link", ["nowhere.md", "runbook.md#nowhere", "../README.md"])
def test_a_link_that_leads_nowhere_fails(site: Path, link: str) -> None:
    with (site / "docs/changes.md").open("a") as file:
        file.write(f"\n[x]({link})\n")
    done = build(site)
    assert done.returncode != 0
    assert link.split("#")[-1] in done.stderr + done.stdout


def test_every_page_is_in_the_navigation() -> None:
    words = (ROOT / "mkdocs.yml").read_text()
    assert set(yaml.safe_load(words)) >= {"nav", "validation"}
    pages = {path.name for path in (ROOT / "docs").iterdir() if path.is_file()}
    assert {name for name in pages if f": {name}\n" not in words} == set()


def test_decisions_are_all_listed() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text()
    notes = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    assert [name for name in notes if f"({name})" not in listed] == []


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
