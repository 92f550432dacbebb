"""The enrol script: POSIX, claims a machine once, brings Python and the delivery programs, says who the machine is."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from plan.base import HOST
from plan.enrol import END, enrol_script
from plan.programs import program_files
from tests.programs.conftest import PROGRAMS, Desk

LIB = "/usr/local/lib/mariadb-ha"
STATE = "/var/lib/mariadb-ha"
IDENTITY = "0123456789abcdef0123456789abcdef ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"
SOURCE = "deb http://mirror.example/debian bookworm main"


@pytest.fixture(autouse=True)
def machine(desk: Desk) -> None:
    desk.write("/etc/machine-id", IDENTITY.split()[0] + "\n")
    desk.write("/etc/ssh/ssh_host_ed25519_key.pub", IDENTITY.split(maxsplit=1)[1] + " root@anywhere\n")
    desk.fake("sudo", "exit 0")  # else the script would bring it to the machine that runs this test
    desk.fake("apt-get", "exit 100")


def enrol(
    desk: Desk, *, stack: str = "shop", host: str = "mdb1", text: str | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """As over SSH: the script on the shell's standard input. `path`: the only folders with programs."""
    env = desk.env if path is None else {**desk.env, "PATH": path}
    script = text if text is not None else enrol_script(stack, host)
    return subprocess.run(
        ["/bin/dash", "-s"], input=script, capture_output=True, text=True, env=env, timeout=60, check=False
    )


def bare(desk: Desk) -> str:
    """A PATH without Python and sudo, with an apt-get that brings them and a dpkg-query that counts."""
    folder = desk.root / "bare"
    folder.mkdir()
    for name in ("sh", "cat", "chmod", "cmp", "stat", "rm", "mv", "mkdir", "sed", "sort", "comm", "id", "cut", "touch"):
        (folder / name).symlink_to(str(shutil.which(name)))
    have = desk.root / "have"
    have.mkdir()
    (have / "bash").touch()
    install = "\n".join(
        [
            (
                f'[ -e {desk.root}/mirror-down ] && case "$*" in *" install "*) echo "E: Unable to fetch" >&2; exit '
                "100 ;; esac"
            ),
            'for p in "$@"; do case $p in',
            f'python3|sudo) [ -e {desk.root}/killed ] && [ "$p" = sudo ] && kill -KILL $PPID && exit 1',
            f'  touch {have}/$p {have}/lib$p; printf "#!/bin/sh\\n" >{folder}/$p; chmod +x {folder}/$p ;;',
            "esac; done",
        ]
    )
    desk.fake("apt-get", install)
    desk.fake("dpkg", "exit 0")
    desk.fake("dpkg-query", f'for f in {have}/*; do echo "${{f##*/}} installed"; done')
    for name in ("apt-get", "dpkg", "dpkg-query"):
        shutil.copy(desk.bin / name, folder / name)
    return str(folder)


def test_shellcheck(tmp_path: Path) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    for sources in ((), (SOURCE,)):
        file = tmp_path / "enrol.sh"
        file.write_text(enrol_script("shop", "mdb1", apt_sources=sources))
        done = subprocess.run(["shellcheck", str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_machine_is_claimed_and_gets_the_programs(desk: Desk) -> None:
    done = enrol(desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout == IDENTITY + "\n", "one line: who the machine is"
    assert desk.read(f"{STATE}/stack.json") == '{"stack": "shop", "host": "mdb1"}\n'
    programs = program_files(HOST)
    for file in programs:
        written = desk.path(file.path)
        assert written.read_text() == file.content, "byte for byte"
        assert f"{written.stat().st_mode & 0o7777:04o}" == file.mode
    assert sorted(str(file.name) for file in desk.path(LIB).iterdir()) == sorted(
        Path(file.path).name for file in programs
    )
    assert not desk.path(f"{STATE}/enrolled-packages").exists(), "nothing was missing"


def test_what_was_enrolled_can_deliver(desk: Desk) -> None:
    enrol(desk)
    done = subprocess.run(
        [str(desk.path(f"{LIB}/apply")), "--owner-set", "plain"],
        input="{}",
        capture_output=True,
        text=True,
        env=desk.env,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "nothing to do\n"), done.stderr


def test_second_run_writes_nothing(desk: Desk) -> None:
    enrol(desk)
    before = {file: file.stat().st_mtime_ns for file in desk.path(LIB).iterdir()}
    done = enrol(desk)
    assert (done.returncode, done.stdout, done.stderr) == (0, IDENTITY + "\n", "")
    assert {file: file.stat().st_mtime_ns for file in desk.path(LIB).iterdir()} == before


def test_a_program_changed_by_hand_comes_back(desk: Desk) -> None:
    enrol(desk)
    desk.path(f"{LIB}/apply").write_text("broken\n")
    desk.path(f"{LIB}/drift").chmod(0o600)
    assert enrol(desk).returncode == 0
    assert desk.read(f"{LIB}/apply") == (PROGRAMS / "apply").read_text()
    assert desk.path(f"{LIB}/drift").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(("stack", "host"), [("other", "mdb1"), ("shop", "mdb2")])
def test_a_machine_of_another_stack_or_another_host_is_refused(desk: Desk, stack: str, host: str) -> None:
    enrol(desk)
    done = enrol(desk, stack=stack, host=host)
    assert done.returncode == 1
    assert 'enrolled already: {"stack": "shop", "host": "mdb1"}' in done.stderr
    assert "To do: " in done.stderr
    assert done.stdout == ""
    assert desk.read(f"{STATE}/stack.json") == '{"stack": "shop", "host": "mdb1"}\n'


def test_python_and_sudo_are_brought_and_written_down(desk: Desk) -> None:
    path = bare(desk)
    done = enrol(desk, path=path, text=enrol_script("shop", "mdb1", apt_sources=(SOURCE,)))
    assert done.returncode == 0, done.stderr
    assert done.stdout == IDENTITY + "\n"
    assert desk.read(f"{STATE}/enrolled-packages").split() == ["libpython3", "libsudo", "python3", "sudo"]
    assert desk.read("/etc/apt/sources.list.d/mariadb-ha.list") == SOURCE + "\n"
    desk.forget()
    assert enrol(desk, path=path).returncode == 0
    assert not any(call.startswith("apt-get") for call in desk.calls)
    assert desk.read(f"{STATE}/enrolled-packages").split() == ["libpython3", "libsudo", "python3", "sudo"]


def test_a_mirror_that_is_down(desk: Desk) -> None:
    path = bare(desk)
    desk.path("/mirror-down").touch()
    done = enrol(desk, path=path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("mdb1: enrol: apt-get cannot install python3 sudo. To do: ")
    assert not desk.path(LIB).exists()


def test_killed_while_it_installs_it_still_knows_what_it_brought(desk: Desk) -> None:
    path = bare(desk)
    desk.path("/killed").touch()
    assert enrol(desk, path=path).returncode == -signal.SIGKILL
    assert desk.path("/have/python3").exists()
    desk.path("/killed").unlink()
    done = enrol(desk, path=path)
    assert done.returncode == 0, done.stderr
    assert desk.read(f"{STATE}/enrolled-packages").split() == ["libpython3", "libsudo", "python3", "sudo"]


def test_a_connection_that_breaks_runs_nothing(desk: Desk) -> None:
    text = enrol_script("shop", "mdb1")
    for end, code in ((len(text) // 3, 2), (len(text) // 2, 2), (text.rindex("main "), 0)):
        done = enrol(desk, text=text[:end])
        assert done.returncode == code, "the shell read what came"
        assert ("end of file" in done.stderr) is (code == 2), done.stderr
        assert not desk.path(STATE).exists(), end
        assert not desk.path(LIB).exists(), end
    assert enrol(desk, text=text).returncode == 0
    assert desk.path(STATE).exists(), "the whole of it does something"


@pytest.mark.parametrize(
    ("path", "words"),
    [("/etc/machine-id", "machine-id is empty"), ("/etc/ssh/ssh_host_ed25519_key.pub", "ssh-keygen -A")],
)
def test_a_machine_without_identity_is_refused(desk: Desk, path: str, words: str) -> None:
    desk.path(path).write_text("")
    done = enrol(desk)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stdout == ""


def test_only_root(desk: Desk) -> None:
    desk.fake("id", "echo 1000")
    done = enrol(desk)
    assert done.returncode == 1
    assert "must be root" in done.stderr


def test_names_that_cannot_stand_in_a_script_are_refused() -> None:
    for stack, host in (("a'b", "x"), ("a", "x y"), ("", "x"), ("a", 'x"')):
        with pytest.raises(ValueError, match="cannot be the name"):
            enrol_script(stack, host)
    with pytest.raises(ValueError, match=END):
        enrol_script("a", "b", apt_sources=(END,))
