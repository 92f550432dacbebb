"""A life of `lab/hosts` against a real libvirtd; only the guests do not boot, and a fake answers in their place at port
22.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab_unit.conftest import ROOT, Done, bash

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEJekd39zQjgRzAHGzONMB2+WtaXgE/U1MlX0O9RJHeG"
HOST_KEY = "ssh-ed25519 AAAAhostkey"
NAME = "unithost"
PLACE = ROOT / ".state/lab" / NAME / "hosts"
FAKES = {
    # virsh --quiet --connect URI VERB DOMAIN
    "virsh": (
        'case $4 in start) touch "$STARTED/$5" ;; domstate) ! test -e "$STARTED/$5" || echo running ;; *) exec '
        '/usr/bin/virsh "$@" ;; esac'
    ),
    "ssh-keyscan": f'for address; do :; done; echo "$address {HOST_KEY}"',
}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The lab with two hosts that are powered on, by an `up` that found the rest of a killed one."""
    fakes, started = tmp_path_factory.mktemp("bin"), tmp_path_factory.mktemp("started")
    for name, body in FAKES.items():
        (fakes / name).write_text(f"#!/bin/bash\n{body}\n")
        (fakes / name).chmod(0o755)
    made = {"LAB_NAME": NAME, "STARTED": str(started), "PATH": f"{fakes}:/usr/sbin:/usr/bin:/sbin:/bin"}
    shutil.rmtree(PLACE, ignore_errors=True)  # of a test run that was killed
    (PLACE / "ha1.new").mkdir(parents=True)
    (PLACE / "ha1.new/spec").write_text("half")
    done = up(made, "ha1=172.16.21.201:512", "mdb1=172.16.21.180")
    assert done.returncode == 0, done.stderr
    assert "mdb1 answers at port 22" in done.stderr
    yield made
    assert bash("lab/stop", env=made).returncode == 0
    assert not PLACE.exists(), "lab/stop removes the hosts"
    bash('. lab/lib.sh; rm -rf "$LAB_STATE"', env=made)


def up(env: dict[str, str], *hosts: str, key: str = KEY) -> Done:
    return bash(f"lab/hosts up --authorized-key '{key}' {' '.join(hosts)}", env=env)


def names(env: dict[str, str], verb: str) -> set[str]:
    return set(
        bash(
            f'virsh -q -c "$(lab/uri)" {verb} --all --name', env={**env, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        ).stdout.split()
    )


def folders() -> set[str]:
    return {folder.name for folder in PLACE.iterdir() if folder.is_dir()}


def test_domains_and_a_network_are_there(env: dict[str, str]) -> None:
    assert names(env, "list") == {f"{NAME}-ha1", f"{NAME}-mdb1"}
    assert names(env, "net-list") == {NAME}
    assert folders() == {"ha1", "mdb1"}


def test_the_disk_stands_on_an_image_that_outlives_the_cache(env: dict[str, str]) -> None:
    text = bash(f"qemu-img info --output json {PLACE}/ha1/root.qcow2").stdout
    assert f'"backing-filename": "{PLACE}/guest-' in text
    assert str(8 * 1024**3) in text, "room for data on the root disk"


def test_what_libvirtd_starts_comes_before_all_else_on_this_machine(env: dict[str, str]) -> None:
    """Guests inherit it: emulated ones are late for their own timers where tests and containers take the processor."""
    allowed = bash("nice -n -5 true 2>&1").stdout == ""
    pid = bash('. lab/lib.sh; cat "$LAB_RUN/libvirtd.pid"', env=env).stdout.strip()
    assert os.getpriority(os.PRIO_PROCESS, int(pid)) == (-5 if allowed else os.getpriority(os.PRIO_PROCESS, 0))


def test_a_second_up_makes_nothing(env: dict[str, str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in PLACE.rglob("*")}
    done = up(env, "ha1=172.16.21.201:512", "mdb1=172.16.21.180")
    assert done.returncode == 0, done.stderr
    assert "powered on" not in done.stderr
    assert {path: path.stat().st_mtime_ns for path in PLACE.rglob("*")} == before


@pytest.mark.parametrize(
    ("host", "key", "words"),
    [
        ("ha1=172.16.21.201:600", KEY, "ha1 is there with other properties (172.16.21.201:512:baked"),
        ("ha1=172.16.21.202:512", KEY, "ha1 is there with other properties"),
        ("ha1=172.16.21.201:512:unbaked", KEY, "ha1 is there with other properties"),
        ("ha1=172.16.21.201:512", KEY.replace("AIEJek", "AIEJel"), "or another key"),
        ("ha9=172.16.21.201:512", KEY, "172.16.21.201 is ha1's already"),
    ],
)
def test_a_host_that_is_there_is_never_changed(env: dict[str, str], host: str, key: str, words: str) -> None:
    done = up(env, host, key=key)
    assert done.returncode == 1
    assert words in done.stderr
    assert "lab/hosts down ha1" in done.stderr
    assert folders() == {"ha1", "mdb1"}


def test_an_up_that_was_killed_before_the_domain_is_finished(env: dict[str, str]) -> None:
    """The folder is whole, the domain not defined: the disk is kept."""
    disk = (PLACE / "ha1/root.qcow2").stat().st_ino
    bash(f'virsh -q -c "$(lab/uri)" undefine {NAME}-ha1', env=env)
    (Path(env["STARTED"]) / f"{NAME}-ha1").unlink()
    done = up(env, "ha1=172.16.21.201:512")
    assert done.returncode == 0, done.stderr
    assert "ha1 (172.16.21.201) is powered on" in done.stderr
    assert (PLACE / "ha1/root.qcow2").stat().st_ino == disk


def test_the_host_key_is_printed_as_the_setting_wants_it(env: dict[str, str]) -> None:
    assert bash("lab/hosts key mdb1", env=env).stdout.strip() == HOST_KEY
    done = bash("lab/hosts key mdb9", env=env)
    assert done.returncode == 1
    assert "It has: ha1 mdb1" in done.stderr


def test_client_addresses_are_added_once(env: dict[str, str]) -> None:
    first = bash("lab/hosts add-client-addresses", env=env)
    second = bash("lab/hosts add-client-addresses", env=env)
    assert first.stdout == second.stdout
    assert len(first.stdout.split()) == 6, first.stderr
    addresses = bash("lab/run ip -o -4 addr", env=env).stdout
    assert all(addresses.count(f" {address}/24 ") == 1 for address in first.stdout.split())


def test_the_network_of_a_stack_in_the_lab_is_left_alone(env: dict[str, str]) -> None:
    """As with LAB_NAME forgotten: the gateway's address is there, but on no network of ours."""
    script = f"""
        . lab/lib.sh
        virsh -q -c "$LAB_URI" net-destroy {NAME}; virsh -q -c "$LAB_URI" net-undefine {NAME}
        lab/run ip link add other0 type bridge; lab/run ip addr add 172.16.21.1/24 dev other0
        lab/hosts up --authorized-key '{KEY}' mdb2=172.16.21.181
        code=$?
        lab/run ip link del other0
        exit $code
    """
    done = bash(script, env=env)
    assert done.returncode == 1
    assert "has 172.16.21.1 already, on other0: a stack runs in it" in done.stderr
    assert "mdb2" not in folders()
    assert up(env, "ha1=172.16.21.201:512").returncode == 0


def test_one_host_is_removed_and_made_anew(env: dict[str, str]) -> None:
    disk = (PLACE / "ha1/root.qcow2").stat()
    (PLACE / "ha1/console.log").write_text("its last words")
    assert bash("lab/hosts down ha1", env=env).returncode == 0
    assert folders() == {"mdb1"}
    assert (PLACE.parent / "log/console-ha1.log").read_text() == "its last words"
    assert names(env, "list") == {f"{NAME}-mdb1"}
    assert up(env, "ha1=172.16.21.201:512").returncode == 0
    assert (PLACE / "ha1/root.qcow2").stat().st_mtime_ns != disk.st_mtime_ns


def test_down_leaves_nothing_and_twice_does_no_harm(env: dict[str, str]) -> None:
    assert bash("lab/hosts down", env=env).returncode == 0
    assert not PLACE.exists()
    assert names(env, "list") | names(env, "net-list") == set()
    assert "nothing to do" in bash("lab/hosts down", env=env).stderr


def test_hosts_of_a_crashed_lab_are_removed_too(env: dict[str, str]) -> None:
    for started in Path(env["STARTED"]).iterdir():
        started.unlink()
    assert up(env, "ha1=172.16.21.201:512").returncode == 0
    kill = 'for daemon in libvirtd virtlogd; do kill -9 "$(cat "$LAB_RUN/$daemon.pid")"; done'
    bash(f'. lab/lib.sh; {kill}; ip netns delete "$LAB_ID"; rm -rf "$LAB_RUN"', env=env)
    done = bash("lab/stop", env=env)
    assert done.returncode == 0, done.stderr
    assert not PLACE.exists()
    assert not list((PLACE.parent / "etc/qemu").glob("*.xml"))
