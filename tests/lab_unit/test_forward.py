"""A port of the machine belongs to one stack: another's is refused, one's own may move, and it ends with its stack."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.lab_unit.conftest import Done, bash

ENV = {"LAB_NAME": "unitfwd"}
RUN = ". lab/lib.sh; "


def forward(*words: str) -> Done:
    return bash("lab/forward " + " ".join(words), env=ENV)


@pytest.fixture
def port() -> Iterator[str]:
    """A free port, and the folders of a lab without daemons: a forward needs no more to be taken."""
    assert bash(RUN + 'mkdir -p "$LAB_RUN" "$LAB_STATE/log"', env=ENV).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    yield str(number)
    bash("lab/forward --end one; lab/forward --end two; " + RUN + 'rm -rf "$LAB_RUN" "$LAB_STATE"', env=ENV)


def listens(port: str) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", int(port))) == 0


def test_it_listens_when_it_says_so(port: str) -> None:
    assert forward(port, "10.0.0.1:3306", "one").returncode == 0
    assert listens(port)
    assert "nothing to do" in forward(port, "10.0.0.1:3306", "one").stderr


def test_another_stacks_port_is_refused_and_stays(port: str) -> None:
    forward(port, "10.0.0.1:3306", "one")
    done = forward(port, "10.0.0.2:3306", "two")
    assert done.returncode == 1
    assert f'127.0.0.1:{port} leads to 10.0.0.1:3306 of stack "one"' in done.stderr
    assert "MARIADB_HA_PORT=" in done.stderr
    assert "nothing to do" in forward(port, "10.0.0.1:3306", "one").stderr


def test_ones_own_port_may_lead_elsewhere(port: str) -> None:
    forward(port, "10.0.0.1:3306", "one")
    done = forward(port, "10.0.0.9:3306", "one")
    assert done.returncode == 0, done.stderr
    assert f"127.0.0.1:{port} leads to 10.0.0.9:3306" in done.stderr
    assert listens(port)


def test_it_ends_with_its_stack_and_no_other(port: str) -> None:
    forward(port, "10.0.0.1:3306", "one")
    assert forward("--end", "two").returncode == 0
    assert listens(port)
    assert forward("--end", "one").returncode == 0
    assert not listens(port)
    assert forward(port, "10.0.0.2:3306", "two").returncode == 0, "the port is free for another"


def test_a_port_of_another_program_is_named(port: str) -> None:
    with socket.create_server(("127.0.0.1", int(port))):
        done = forward(port, "10.0.0.1:3306", "one")
    assert done.returncode == 1
    assert f"port {port} of this machine could not be taken" in done.stderr
    assert "Address already in use" in done.stderr
    assert "MARIADB_HA_PORT=" in done.stderr


def test_a_slow_start_is_waited_for(port: str) -> None:
    """On a loaded machine socat takes longer than any fixed moment."""
    script = f"""
        place=$(mktemp -d)
        printf '#!/bin/bash\\nsleep 1.5\\nexec -a socat /usr/bin/socat "$@"\\n' >"$place/socat"
        chmod 755 "$place/socat"
        PATH=$place:$PATH lab/forward {port} 10.0.0.1:3306 one
        code=$?
        rm -r "$place"
        exit $code
    """
    done = bash(script, env=ENV)
    assert done.returncode == 0, done.stderr
    assert listens(port)
