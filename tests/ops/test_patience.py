"""Waiting for a host by progress: slow is not gone, and gone is not waited for."""

from __future__ import annotations

import socket
import subprocess

import pytest

from ops.patience import Gone, Watched, run_watched, takes_connections
from ops.shell import Answer, Ssh
from tests.ops import stack


def watched(*alive: bool) -> tuple[Watched, list[float]]:
    """Looks every 50 ms; the last of `alive` holds on."""
    left, slow = list(alive), []
    return Watched(alive=lambda: left.pop(0) if len(left) > 1 else left[0], slow=slow.append, every=0.05), slow


def test_an_answer_in_time_is_nothing_to_talk_about() -> None:
    wait, slow = watched(True)
    wait.every = 30
    assert run_watched(["sh", "-c", "cat; echo no >&2; exit 3"], "yes", wait, 60) == (3, "yes", "no\n")
    assert slow == []


def test_a_slow_host_is_waited_for_and_told_once() -> None:
    wait, slow = watched(True)
    code, out, _ = run_watched(["sh", "-c", "sleep 0.5; echo late"], "", wait, 60)
    assert (code, out) == (0, "late\n")
    assert len(slow) == 1


def test_a_host_that_takes_no_connection_is_gone_long_before_the_bound() -> None:
    wait, slow = watched(False)
    with pytest.raises(Gone, match="no TCP connection"):
        run_watched(["sleep", "600"], "", wait, 600)
    assert slow == []


def test_one_lost_connection_is_not_the_end() -> None:
    wait, _ = watched(False, True, False, True)
    assert run_watched(["sh", "-c", "sleep 0.5; echo late"], "", wait, 60)[1] == "late\n"


def test_the_bound_holds_for_a_host_that_is_merely_slow() -> None:
    wait, _ = watched(True)
    with pytest.raises(subprocess.TimeoutExpired):
        run_watched(["sleep", "600"], "", wait, 0.3)


def test_a_refusal_is_an_answer_of_the_kernel() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert takes_connections("127.0.0.1", port)
    assert takes_connections("127.0.0.1", port)


@pytest.mark.parametrize(
    ("words", "slow"),
    [
        ("Connection timed out during banner exchange", True),
        ("Timeout, server 172.16.21.201 not responding.", True),
        ("ssh: connect to host 172.16.21.201 port 22: Connection timed out", False),
        ("ssh: connect to host 172.16.21.201 port 22: No route to host", False),
        ("ssh: connect to host 172.16.21.201 port 22: Connection refused", False),
    ],
)
def test_sshs_own_words(words: str, slow: bool) -> None:
    answer: Answer = Ssh(inventory=stack.inventory())._answer(255, "", f"{words}\n")
    assert (answer.reached, answer.slow) == (False, slow)
