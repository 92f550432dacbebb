"""Names that one checkout's labs give to things outside it: they must not meet another's, nor grow too long."""

from __future__ import annotations

import pytest

from tests.lab_unit.conftest import LAB, bash

NAMES = '. lab/lib.sh; echo "$LAB_ID $LAB_SOCKET $LAB_STATE"'


@pytest.mark.parametrize("name", ["UP", "a b", "../x", "ninechars", "a;b", "a-b"])
def test_a_lab_name_that_cannot_be_part_of_other_names_is_refused(name: str) -> None:
    done = bash(NAMES, env={"LAB_NAME": name})
    assert done.returncode == 1
    assert f'LAB_NAME is "{name}"' in done.stderr
    assert "1 to 8 lower-case letters" in done.stderr


def test_two_labs_of_a_checkout_share_nothing() -> None:
    one = bash(NAMES, env={"LAB_NAME": "one"}).stdout.split()
    two = bash(NAMES, env={"LAB_NAME": "two"}).stdout.split()
    assert not set(one) & set(two)


def test_another_checkout_has_other_names(tmp_path: object) -> None:
    here = bash(NAMES).stdout.split()[0]
    elsewhere = bash(
        f"mkdir -p {tmp_path}/lab && cp {LAB}/lib.sh {tmp_path}/lab/ && cd {tmp_path} && {NAMES}"
    ).stdout.split()[0]
    assert here.split("-")[0] == elsewhere.split("-")[0] == "mha"
    assert here != elsewhere


def test_the_socket_fits_into_a_unix_address() -> None:
    """A unix socket's path has 107 characters at most (unix(7)); QEMU's and libvirt's own lie beside it."""
    done = bash(NAMES, env={"LAB_NAME": "eightcha"})
    assert len(done.stdout.split()[1]) < 80


def test_the_uri_names_the_socket() -> None:
    done = bash("lab/uri", env={"LAB_NAME": "one"})
    socket = bash(NAMES, env={"LAB_NAME": "one"}).stdout.split()[1]
    assert done.stdout.strip() == f"qemu+unix:///system?socket={socket}"


def test_where_nobody_names_a_lab_it_is_the_stacks(tmp_path: object) -> None:
    """`lab/ssh`, `lab/power` and the others need STACK alone; a stack outside of any lab names none."""
    names = '. lab/lib.sh; echo "$LAB_NAME"'
    there = f"mkdir -p {tmp_path}/lab {tmp_path}/.state/web && cp {LAB}/lib.sh {tmp_path}/lab/ && cd {tmp_path} && "

    def told(recorded: str, **env: str) -> str:
        done = bash(f"{there} echo {recorded} >.state/web/lab; unset LAB_NAME; {names}", env=env)
        return done.stdout.strip()

    assert told("metal", STACK="web") == "metal"
    assert told("metal", STACK="other") == "default"
    assert told("-", STACK="web") == "default"
    done = bash(f"{there} echo metal >.state/web/lab; LAB_NAME=mine; {names}", env={"STACK": "web"})
    assert done.stdout.strip() == "mine"
