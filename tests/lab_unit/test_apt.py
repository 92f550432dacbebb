"""What the guest image takes from the machine's apt: the Debian mirror, whatever it is called, and the way to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab_unit.conftest import bash

Commands = Callable[..., dict[str, str]]
SOURCES = ". lab/lib.sh; . lab/apt-of-host.sh; apt_sources bookworm"


def targets(*lines: str) -> str:
    text = "\n".join(f"deb {line} main" for line in lines)
    return f"case $1 in indextargets) cat <<'END'\n{text}\nEND\n;; esac"


def test_only_the_suite_and_its_updates_are_taken(commands: Commands) -> None:
    env = commands(
        apt_get=targets(
            "http://mirror.test/debian/ bookworm",
            "http://mirror.test/debian/ bookworm-updates",
            "http://mirror.test/security/ bookworm-security",
            "http://mirror.test/debian/ bookworm-backports",
            "http://mirror.test/debian/ trixie",
            "http://mirror.test/debian/ bookwormish",
        )
    )
    done = bash(SOURCES, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "deb http://mirror.test/debian/ bookworm main",
        "deb http://mirror.test/debian/ bookworm-updates main",
        "deb http://mirror.test/security/ bookworm-security main",
    ]


def test_no_mirror_is_said_with_what_to_do(commands: Commands) -> None:
    done = bash(f"set -e; {SOURCES}", env=commands(apt_get="exit 0"))
    assert done.returncode == 1
    assert "no Debian mirror with bookworm" in done.stderr
    assert "/etc/apt/sources.list" in done.stderr


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('Acquire::http::Proxy "http://proxy.test:3128";', True),
        ('Acquire::https::CaInfo "/etc/ssl/own.pem";', True),
        ('Acquire::Check-Valid-Until "false";', True),
        ('Acquire::IndexTargets::deb::Packages::MetaKey "x";', False),
        ('Acquire::http "";', False),
        ('APT::Default-Release "trixie";', False),
        ('DPkg::Post-Invoke:: "rm -rf /x";', False),
    ],
)
def test_the_way_to_the_mirror_is_taken_and_nothing_else(commands: Commands, line: str, kept: bool) -> None:
    env = commands(apt_config=f"cat <<'END'\n{line}\nEND")
    done = bash(". lab/lib.sh; . lab/apt-of-host.sh; apt_options", env=env)
    assert done.returncode == 0, done.stderr
    assert (line in done.stdout.splitlines()) is kept


def test_the_machine_trusts_some_keys(tmp_path: Path) -> None:
    done = bash(f". lab/lib.sh; . lab/apt-of-host.sh; apt_keys {tmp_path}")
    assert done.returncode == 0, done.stderr
    names = [file.name for file in tmp_path.iterdir()]
    assert names
    assert all(name.endswith((".gpg", ".asc")) and "removed" not in name for name in names)
