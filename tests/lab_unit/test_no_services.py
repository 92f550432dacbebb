"""policy-rc.d while packages are installed: an administrator's own outlives everything, ours does not outlive its
installation.
"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from tests.lab_unit.conftest import ROOT, Done, bash

HOLD = f". {ROOT}/toolchain/lib/no-services.sh; no_services; "
ADMINISTRATOR = "#!/bin/sh\nexit 0 # the administrator's\n"


def env(place: Path) -> dict[str, str]:
    return {"policy_file": str(place / "policy-rc.d"), "policy_lock": str(place / "lock")}


def hold(place: Path, script: str = "true") -> Done:
    return bash(HOLD + script, env=env(place))


def kill_while_held(place: Path) -> None:
    """As kill -9 or a power cut: no trap runs."""
    held = bash(HOLD + "kill -9 $$", env=env(place))
    assert held.returncode == -signal.SIGKILL
    assert "exit 101" in (place / "policy-rc.d").read_text()


def test_services_are_held_during_and_free_after(tmp_path: Path) -> None:
    done = hold(tmp_path, 'sh "$policy_file"; echo $?; test -x "$policy_file"')
    assert (done.returncode, done.stdout) == (0, "101\n")
    assert not (tmp_path / "policy-rc.d").exists()


def test_what_a_killed_installation_left_is_not_the_administrators(tmp_path: Path) -> None:
    kill_while_held(tmp_path)
    hold(tmp_path)
    assert not (tmp_path / "policy-rc.d").exists()


def test_the_administrators_own_comes_back_after_a_kill_and_a_failure(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text(ADMINISTRATOR)
    policy.chmod(0o700)
    kill_while_held(tmp_path)
    kill_while_held(tmp_path)
    assert hold(tmp_path, "exit 3").returncode == 3
    assert policy.read_text() == ADMINISTRATOR
    assert policy.stat().st_mode & 0o777 == 0o700
    assert sorted(file.name for file in tmp_path.iterdir()) == ["lock", "policy-rc.d"]


def test_nothing_missing_still_takes_the_leftover_away(tmp_path: Path) -> None:
    for command in (f"{ROOT}/toolchain/apt base-files", f"{ROOT}/lab/install"):
        kill_while_held(tmp_path)
        assert bash(command, env=env(tmp_path)).returncode == 0
        assert not (tmp_path / "policy-rc.d").exists(), command


def test_a_running_installation_is_left_alone(tmp_path: Path) -> None:
    script = HOLD + "echo held; read -r _"
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ["bash", "-c", script],
        env=env(tmp_path) | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        stdin=pipe,
        stdout=pipe,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "held\n"
        assert bash(f"{ROOT}/toolchain/apt base-files", env=env(tmp_path)).returncode == 0
        assert (tmp_path / "policy-rc.d").exists()
        running.communicate("\n")
    assert not (tmp_path / "policy-rc.d").exists()
