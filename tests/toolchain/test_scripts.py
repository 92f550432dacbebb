"""The scripts: quick when there is nothing to do, honest about what is there, harmless to the caller."""

import os
import subprocess
import time

from tests.toolchain.project import ROOT, environment

TOOLCHAIN = ROOT / "toolchain"
SCRIPTS = [
    "install",
    "run",
    "apt",
    "env",
    "versions",
    *(f"lib/{p.name}" for p in sorted((TOOLCHAIN / "lib").iterdir())),
]


def run(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(w) for w in words], env=os.environ | env, capture_output=True, text=True, timeout=60)


def test_a_second_installation_takes_under_a_second() -> None:
    began = time.monotonic()
    assert run(TOOLCHAIN / "install").returncode == 0
    assert time.monotonic() - began < 1


def test_check_lists_every_part_with_its_way_and_version() -> None:
    done = run(TOOLCHAIN / "install", "--check")
    assert done.returncode == 0, done.stdout
    parts = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert list(parts) == ["venv", "cli", "language", "libvirt", "command"]
    assert {version for version, _, _ in parts.values()} >= {"0.5.4", "1.2.1"}
    assert {way for _, way, _ in parts.values()} <= {"pip", "official", "build", "installed"}


def test_an_unknown_way_is_named_with_the_known_ones() -> None:
    done = run(TOOLCHAIN / "install", MARIADB_HA_TOOLCHAIN="offical")
    assert done.returncode == 1
    assert "MARIADB_HA_TOOLCHAIN=offical: unknown; nothing was installed. Write auto, official or build" in done.stderr


def test_an_unknown_option_gets_the_usage() -> None:
    done = run(TOOLCHAIN / "install", "--frobnicate")
    assert done.returncode != 0
    assert "--check" in done.stdout


def test_the_environment_puts_the_projects_own_tools_first_and_only_once() -> None:
    env = environment()
    entries = env["PATH"].split(":")
    assert entries[:2] == [f"{ROOT}/.cache/venv/bin", f"{ROOT}/.cache/toolchain/bin"]
    assert env["PULUMI_HOME"] == f"{ROOT}/.cache/pulumi-home"
    assert env["PULUMI_BACKEND_URL"].startswith(f"file://{ROOT}/.state/pulumi")
    twice = run("sh", "-c", f"cd {ROOT} && . toolchain/env && . toolchain/env && echo $PATH").stdout.strip().split(":")
    assert twice.count(f"{ROOT}/.cache/venv/bin") == 1


def test_the_environment_keeps_a_backend_that_the_user_chose() -> None:
    done = run(TOOLCHAIN / "run", "sh", "-c", "echo $PULUMI_BACKEND_URL", PULUMI_BACKEND_URL="file:///elsewhere")
    assert done.stdout == "file:///elsewhere\n"


def test_the_environment_is_found_by_bash_from_anywhere_and_by_sh_from_below() -> None:
    for shell, where in (("bash", "/"), ("sh", f"{ROOT}/toolchain/lib")):
        done = run(shell, "-c", f"cd {where} && . {ROOT}/toolchain/env && pulumi version", MARIADB_HA_ROOT="")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("3.") or done.stdout.startswith("v3."), done.stdout


def test_run_passes_arguments_and_status_on() -> None:
    done = run(TOOLCHAIN / "run", "sh", "-c", 'printf "%s|" "$@"; exit 9', "sh", "a b", "c")
    assert (done.returncode, done.stdout) == (9, "a b|c|")
    assert run(TOOLCHAIN / "run").returncode == 2


def test_apt_has_nothing_to_do_for_what_is_installed() -> None:
    began = time.monotonic()
    done = run(TOOLCHAIN / "apt", "base-files", "dpkg")
    assert (done.returncode, done.stdout) == (0, "")
    assert time.monotonic() - began < 1


def test_the_scripts_are_clean_to_shellcheck() -> None:
    subprocess.run([TOOLCHAIN / "apt", "shellcheck"], check=True)
    done = run("shellcheck", *(TOOLCHAIN / name for name in SCRIPTS))
    assert done.returncode == 0, done.stdout
