"""Every stack's files are accepted by the real programs that read them, by the command lines with which a server has
them judged (apply_checks.py), in the guest image's root directory.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from plan import make_plan
from plan.model import HostPlan, Plan
from tests.golden.stacks import STACKS
from tests.image_root import inside, laid
from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported

#: What a program says of a setting that it does not take, although it ends with 0.
COMPLAINTS = ("ignoring", "unknown variable", "unknown keyword", "[error]", "[alert]")
WARNINGS = {"haproxy": ("[warning]",), "nginx": ("[warn]",)}


@cache
def plan(stack: str) -> Plan:
    """What the stack would deploy."""
    return make_plan(STACKS[stack]())


def judged(host: HostPlan) -> dict[str, list[str]]:
    """Paths by the program that judges them."""
    found: dict[str, list[str]] = {}
    for file in host.files:
        if file.check:
            found.setdefault(file.check, []).append(file.path)
    return found


def cases() -> Iterator[tuple[str, str]]:
    """Every stack with each of the programs that judge its files."""
    for stack in STACKS:
        yield from (
            (stack, name) for name in sorted({name for host in plan(stack).hosts.values() for name in judged(host)})
        )


def judge(
    folder: Path, host: HostPlan, program: str, monkeypatch: pytest.MonkeyPatch
) -> subprocess.CompletedProcess[str]:
    """The program's word on the host's files."""
    from apply_checks import commands

    upper = str(laid(folder, host))
    with monkeypatch.context() as here:
        here.setenv("MHA_ROOT", upper)
        words = " && ".join(shlex.join(each).replace(upper, "") for each in commands(program, judged(host)[program]))
    interface = f"ip link add {host.interface} type veth peer name far && ip link set {host.interface} up"
    # drbdadm reads by the module's version, of which the machine need have none: Debian's kernel has this one.
    return inside(folder, host, f"export DRBD_DRIVER_VERSION_OVERRIDE=8.4.11; {interface} && {words}")


def refused(done: subprocess.CompletedProcess[str], program: str) -> bool:
    """Whether it says anything against them. mariadbd's standard output is every variable, and it warns of the desk."""
    said = (done.stderr if program == "mariadbd" else done.stdout + done.stderr).lower()
    return bool(done.returncode) or any(words in said for words in (*COMPLAINTS, *WARNINGS.get(program, ())))


@pytest.mark.parametrize(("stack", "program"), list(cases()))
def test_the_program_that_reads_them_takes_them(
    stack: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, host in plan(stack).hosts.items():
        if program in judged(host):
            done = judge(tmp_path / name, host, program, monkeypatch)
            assert not refused(done, program), f"{program} on {name}: {done.stderr}{done.stdout[-2000:]}"


@pytest.mark.parametrize("program", sorted({program for _, program in cases()}))
def test_a_file_that_it_would_refuse_is_found(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: one line of nonsense in each program's last file."""
    stack = next(stack for stack, name in cases() if name == program)
    host = next(host for host in plan(stack).hosts.values() if program in judged(host))
    path = judged(host)[program][-1]
    spoilt = tuple(
        replace(file, content=file.content + "\nno_such_setting = 1 {\n") if file.path == path else file
        for file in host.files
    )
    assert refused(judge(tmp_path, replace(host, files=spoilt), program, monkeypatch), program)
