"""The lab's commands: what wrong use and a lab that does not run are answered with, and a whole life of a lab."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab_unit.conftest import ROOT, bash

NOT_THERE = {"LAB_NAME": "nobody"}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("lab/run", "Usage: lab/run COMMAND"),
        ("lab/run true", 'lab "nobody" is not running'),
        ("lab/ssh", "Usage: lab/ssh HOST"),
        ("lab/power mdb1 sideways", 'unknown word "sideways"'),
        ("lab/power", "Usage: lab/power HOST off|on|reset"),
        ("lab/cable mdb1", "Usage: lab/cable HOST up|down"),
        ("lab/cable mdb1 mdb2 up", "lab/cable HOST HOST cut|mend"),
        ("lab/cable mdb1 mdb1 cut", "mdb1 has no way to itself"),
        ("lab/forward 13306", "Usage: lab/forward LOCALPORT HOST:PORT"),
        ("lab/forward 13306 172.16.21.188:3306", 'lab "nobody" is not running'),
        ("lab/image --nonsense", 'unknown argument "--nonsense"'),
    ],
)
def test_wrong_use_is_answered_in_words(command: str, words: str) -> None:
    done = bash(command, env=NOT_THERE)
    assert done.returncode == 1
    assert words in done.stderr


def test_ssh_names_the_hosts_there_are(tmp_path: Path) -> None:
    """In a copy of the scripts, so that no stack of this checkout is in the way."""
    work = tmp_path / ".state/dev"
    work.mkdir(parents=True)
    (work / "inventory.json").write_text(
        json.dumps({"hosts": {"mdb1": {"address": "172.16.21.180", "ssh_user": "debian", "ssh_port": 22}}})
    )
    done = bash(f"cp -r {ROOT}/lab {tmp_path}/lab && {tmp_path}/lab/ssh mdb9 true")
    assert done.returncode == 1
    assert "no host mdb9 in stack dev" in done.stderr
    assert "mdb1" in done.stderr


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, str]]:
    env = {"LAB_NAME": "unit"}
    done = bash("lab/start", env=env)
    assert done.returncode == 0, done.stderr
    yield env
    assert bash("lab/stop", env=env).returncode == 0
    left = bash(
        '. lab/lib.sh; ls -d "$LAB_RUN" "/run/netns/$LAB_ID" 2>/dev/null; ip netns pids "$LAB_ID" 2>/dev/null', env=env
    )
    assert left.stdout == "", "lab/stop leaves nothing that runs"
    again = bash("lab/stop", env=env)
    assert again.returncode == 0
    assert "nothing to do" in again.stderr


def pid_of(daemon: str, env: dict[str, str]) -> int:
    return int(bash(f'. lab/lib.sh; cat "$LAB_RUN/{daemon}.pid"', env=env).stdout)


def test_a_second_start_does_nothing(lab: dict[str, str]) -> None:
    before = pid_of("libvirtd", lab)
    done = bash("lab/start", env=lab)
    assert "nothing to do" in done.stderr
    assert pid_of("libvirtd", lab) == before


def test_libvirt_answers_at_the_uri(lab: dict[str, str]) -> None:
    done = bash('virsh --connect "$(lab/uri)" version', env=lab)
    assert done.returncode == 0, done.stderr
    assert "QEMU" in done.stdout


def test_run_keeps_directory_input_environment_and_exit_code(lab: dict[str, str], tmp_path: Path) -> None:
    done = bash(
        f"{ROOT}/lab/run sh -c 'cat; pwd; echo $WORD; ip -o link | wc -l; exit 7'",
        env={**lab, "WORD": "kept"},
        cwd=tmp_path,
        stdin="in\n",
    )
    assert done.stdout.split() == ["in", str(tmp_path), "kept", "1"], "and there is no interface of the host's"
    assert done.returncode == 7


def test_a_port_of_the_machine_leads_into_the_lab(lab: dict[str, str]) -> None:
    server = 's = socket.create_server(("127.0.0.1", 7777)); c, _ = s.accept(); c.sendall(b"from inside\\n")'
    script = f"""
        lab/run python3 -c 'import socket; {server}' &
        lab/forward 17977 127.0.0.1:7777 2>&1
        lab/forward 17977 127.0.0.1:7777 2>&1
        sleep 1
        timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/17977; cat <&3'
        lab/status
    """
    done = bash(script, env=lab)
    assert "nothing to do" in done.stdout
    assert "from inside" in done.stdout
    assert "forward: 127.0.0.1:17977 to 127.0.0.1:7777" in done.stdout


@pytest.mark.parametrize("killed", [("libvirtd",), ("libvirtd", "virtlogd")])
def test_start_recovers_from_a_kill(lab: dict[str, str], killed: tuple[str, ...]) -> None:
    for daemon in killed:
        os.kill(pid_of(daemon, lab), signal.SIGKILL)
    time.sleep(0.5)
    assert bash("lab/status", env=lab).returncode == 3
    done = bash("lab/start", env=lab)
    assert done.returncode == 0, done.stderr
    assert bash('virsh --connect "$(lab/uri)" version', env=lab).returncode == 0


def test_start_recovers_from_a_reboot_of_the_machine(lab: dict[str, str]) -> None:
    """What a reboot leaves: the state, no process, no namespace, and at worst stale names of both."""
    script = """
        . lab/lib.sh
        for daemon in libvirtd virtlogd; do kill -9 "$(cat "$LAB_RUN/$daemon.pid")"; done
        sleep 0.5
        ip netns delete "$LAB_ID"
        touch "/run/netns/$LAB_ID"
        echo 1 >"$LAB_RUN/libvirtd.pid"
        lab/start && virsh --connect "$(lab/uri)" version && lab/run true
    """
    done = bash(script, env=lab)
    assert done.returncode == 0, done.stderr


def test_run_through_sudo_finds_the_callers_programs(
    lab: dict[str, str], commands: Callable[..., dict[str, str]]
) -> None:
    """sudo gives its own PATH (secure_path); a user's Pulumi is not on it. A desk's id and sudo stand for a user's."""
    env = commands(
        id='[ -n "$AS_ROOT" ] && echo 0 || echo 1000',
        sudo='shift; [ "$1" = -- ] && shift; PATH=/usr/sbin:/usr/bin:/sbin:/bin AS_ROOT=1 exec "$@"',
        own_program='echo "found $1"',
    )
    done = bash("lab/run own-program it", env={**lab, **env})
    assert done.stdout == "found it\n", done.stderr
