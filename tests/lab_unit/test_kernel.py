"""`lab/kernel`: what the machine's kernel lacks is said in words and answered to programs, and without the two that
containers need none is made.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.lab_unit.conftest import bash

Commands = Callable[..., dict[str, str]]
NAMES = ("overlay", "cgroup2", "ip_vs", "drbd", "netem", "ipip")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEJekd39zQjgRzAHGzONMB2+WtaXgE/U1MlX0O9RJHeG"


def test_words_and_exit_codes_agree() -> None:
    done = bash("lab/kernel")
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    for name in NAMES:
        assert (lines[name] == "yes") is (bash(f"lab/kernel has {name}").returncode == 0), name
        assert lines[name] == "yes" or lines[name].startswith("no: "), name


@pytest.mark.parametrize(
    ("kernel", "name", "code"),
    [
        ({"modprobe": "exit 0"}, "ip_vs", 0),
        ({"modprobe": "exit 1", "tc": "exit 1"}, "netem", 1),
        ({"tc": "exit 0"}, "netem", 0),
        ({"modprobe": "exit 1", "grep": "exit 1"}, "overlay", 1),
    ],
)
def test_each_is_tried(commands: Commands, kernel: dict[str, str], name: str, code: int) -> None:
    assert bash(f"lab/kernel has {name}", env=commands(**kernel)).returncode == code


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("has", "has needs one name"),
        ("has warp", '"warp" is nothing that is looked for'),
        ("lacks", 'unknown word "lacks"'),
    ],
)
def test_wrong_use_is_answered_in_words(words: str, said: str) -> None:
    done = bash(f"lab/kernel {words}")
    assert done.returncode == 1
    assert said in done.stderr


def test_on_a_kernel_without_overlay_no_container_is_made(commands: Commands) -> None:
    """The rest of the lab runs there; the hosts have to be VMs."""
    env = {
        **commands(modprobe="exit 1", grep='case "$*" in *overlay*) exit 1 ;; esac; exec /usr/bin/grep "$@"'),
        "LAB_NAME": "unitkern",
    }
    try:
        done = bash(f"lab/hosts up --authorized-key '{KEY}' c1=172.16.21.101:container", env=env)
        assert done.returncode == 1
        assert "this machine's kernel has no overlay: a container cannot be a host here" in done.stderr
        assert bash("lab/hosts list", env=env).stdout == ""
    finally:
        bash('lab/stop; . lab/lib.sh; rm -rf "$LAB_STATE"', env=env)
