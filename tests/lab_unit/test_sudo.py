"""The way of a user with sudo: what needs root asks for it itself, and what root wrote becomes the user's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab_unit.conftest import ROOT, bash

USER = 4711
Commands = Callable[..., dict[str, str]]


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A copy of the scripts, its top directory the user's, where another user may look (unlike `tmp_path`)."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        shutil.copytree(ROOT / "lab", place / "lab")
        os.chown(place, USER, USER)
        yield place


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def owner(path: Path) -> int:
    return path.lstat().st_uid


def test_the_tests_ask_for_root_themselves(commands: Commands) -> None:
    env = commands(id="echo 1000", sudo='printf "%s\\n" "$@"')
    said = bash("tests/run -k drift", env=env).stdout.splitlines()
    assert said[-3:] == [f"{ROOT}/tests/run", "-k", "drift"]
    assert f"{ROOT}/toolchain/run" in said, "sudo drops PATH"
    assert "PYTHONDONTWRITEBYTECODE=1" in said


def test_the_users_state_is_given_back_and_the_labs_is_not(checkout: Path) -> None:
    mine = [
        ".state/dev/passphrase",
        ".cache/pulumi-home/credentials.json",
        "docs/measured.md",
        ".pytest_cache/README.md",
        ".cache/lab-domain-type",
    ]
    roots = [".state/lab/default/log/x.out", ".cache/image/guest.qcow2"]
    write(checkout, *mine, *roots)
    done = bash("lab/give-back", cwd=checkout, env={"SUDO_UID": str(USER), "SUDO_GID": str(USER)})
    assert done.returncode == 0, done.stderr
    assert {name: owner(checkout / name) for name in mine} == dict.fromkeys(mine, USER)
    assert {name: owner(checkout / name) for name in roots} == dict.fromkeys(roots, 0)
    assert owner(checkout / ".state") == owner(checkout / ".cache") == USER


def test_links_are_given_and_never_what_they_lead_to(checkout: Path, tmp_path: Path) -> None:
    write(tmp_path, "elsewhere")
    (checkout / "link").symlink_to(tmp_path / "elsewhere")
    bash("lab/give-back", cwd=checkout, env={"SUDO_UID": str(USER), "SUDO_GID": str(USER)})
    assert (owner(checkout / "link"), owner(tmp_path / "elsewhere")) == (USER, 0)


def test_a_checkout_of_roots_stays_roots(checkout: Path) -> None:
    os.chown(checkout, 0, 0)
    write(checkout, "docs/measured.md")
    assert bash("lab/give-back", cwd=checkout, env={"SUDO_UID": str(USER), "SUDO_GID": str(USER)}).returncode == 0
    assert owner(checkout / "docs/measured.md") == 0


@pytest.mark.parametrize("linked", [True, False])
def test_an_image_that_is_there_is_printed_to_a_user_too(checkout: Path, linked: bool) -> None:
    """The image's folder is root's. Where the link is right nothing is written; where it is not, root sets it."""
    # The recipe's digest as the script itself makes it: all up to where it looks for the file.
    script = 'recipe=$(sed "/^link=/,$ d" lab/image); BASH_ARGV0=lab/image; eval "$recipe"; echo "$target"'
    target = Path(bash(script, cwd=checkout).stdout.strip())
    write(checkout, str(target.relative_to(checkout)))
    assert bash("lab/image-is-current", cwd=checkout).returncode == 0
    if linked:
        (target.parent / "guest.qcow2").symlink_to(target.name)
    user = f"setpriv --reuid={USER} --regid={USER} --clear-groups"
    write(checkout, "bin/sudo")
    (checkout / "bin/sudo").write_text('#!/bin/sh\necho "asked for root: $*" >&2\nexit 5\n')
    (checkout / "bin/sudo").chmod(0o755)
    done = bash(f"{user} lab/image", cwd=checkout, env={"PATH": f"{checkout}/bin:{os.environ['PATH']}"})
    if linked:
        assert (done.returncode, done.stdout.strip()) == (0, str(target)), done.stderr
    else:
        assert done.returncode == 5
        assert "asked for root" in done.stderr


def test_an_image_of_another_recipe_is_not_current(checkout: Path) -> None:
    write(checkout, ".cache/image/guest-000000000000.qcow2")
    assert bash("lab/image-is-current", cwd=checkout).returncode == 1
