"""Stack files of the examples are good but for what only their reader can know."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from plan.secrets import Secrets
from settings import check_config
from tests.conftest import ROOT, TEST_SECRET


def test_bare_metal_lacks_only_host_keys_and_secret() -> None:
    config = yaml.safe_load((ROOT / "examples/bare_metal/Pulumi.metal.yaml").read_text())["config"]
    messages = check_config(config, "metal")
    assert len(messages) == 6
    assert all("ssh_host_key" in message or "stack_secret" in message for message in messages)
    for name, host in config["mariadb-ha:hosts"].items():
        host["ssh_host_key"] = Secrets(stack="metal", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", name).public
    config["mariadb-ha:stack_secret"] = TEST_SECRET
    assert check_config(config, "metal") == []


FOLDERS = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())
#: Commands of the system and of Pulumi that a README may name.
KNOWN = {"cp", "export", "install", "npm", "pulumi", "python3", "ssh-keyscan"}


def commands(readme: Path) -> list[list[str]]:
    """The words of each command in its fenced blocks, without variables in front and remarks behind."""
    found = []
    for block in readme.read_text().split("```")[1::2]:
        for line in block.partition("\n")[2].splitlines():
            for command in line.split("&&"):
                words = re.sub(r"\$\([^)]*\)", "VALUE", command).split("#")[0].split()
                while words and re.match(r"[A-Z_]+=", words[0]):
                    words.pop(0)
                if words:
                    found.append(words)
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_task_has_a_readme_of_a_few_lines(folder: Path) -> None:
    readme = folder / "README.md"
    assert readme.exists(), f"examples/{folder.name} has no README.md"
    assert 5 <= len(readme.read_text().splitlines()) <= 30
    assert f"({folder.name}/README.md)" in (ROOT / "examples/README.md").read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_its_commands_exist(folder: Path) -> None:
    given = commands(folder / "README.md")
    assert given
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for words in given:
        if words[0] == "make":
            assert words[1] in targets, words
        elif "/" in words[0]:
            assert os.access(ROOT / words[0], os.X_OK), words
        else:
            assert words[0] in KNOWN, words
        if words[0] == "./hactl":
            help_text = subprocess.run(
                [ROOT / "hactl", words[1], "--help"], capture_output=True, text=True, check=False
            )
            assert help_text.returncode == 0, words
        if words[0] == "python3":
            assert (folder / words[1]).exists(), words
        for word in words[1:]:
            if word.startswith("examples/"):
                assert list(ROOT.glob(word)), words


@pytest.mark.parametrize("readme", [*(f / "README.md" for f in FOLDERS), ROOT / "examples/README.md"], ids=str)
def test_its_links_lead_somewhere(readme: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", readme.read_text()):
        assert (readme.parent / link).exists(), link
