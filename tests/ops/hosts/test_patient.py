"""Slow is not dead: what ends the wait for a host is its kernel's silence, not a clock."""

from __future__ import annotations

import socket
import sys
import time

import pytest

from ops.hosts import patient
from ops.hosts.patient import port_silent, run_patiently

REACH = ("192.0.2.1", 22)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late after a twentieth of a second."""
    monkeypatch.setattr(patient, "LATE", 0.05)
    monkeypatch.setattr(patient, "RARELY", 0.05)


def script(seconds: float) -> list[str]:
    return [
        sys.executable,
        "-c",
        f"import sys, time; text = sys.stdin.read(); time.sleep({seconds}); print('got', text)",
    ]


def test_a_late_answer_is_waited_for_and_said() -> None:
    heard: list[str] = []
    ended = run_patiently(script(0.4), "words", reach=REACH, patience=60, say=heard.append, look=lambda *_: "")
    assert (ended.code, ended.out) == (0, "got words\n")
    assert heard
    assert "port 22 takes connections" in heard[0]


def test_a_host_that_is_there_and_never_answers_is_slow() -> None:
    ended = run_patiently(script(600), "", reach=REACH, patience=0.3, look=lambda *_: "")
    assert (ended.code, ended.slow) == (None, True)
    assert "takes connections" in ended.words


def test_a_host_that_is_not_there_is_known_long_before_the_bound() -> None:
    began = time.monotonic()
    ended = run_patiently(script(600), "", reach=REACH, patience=600, look=lambda *_: "No route to host")
    assert (ended.code, ended.slow) == (None, False)
    assert "No route to host" in ended.words
    assert time.monotonic() - began < 300


def test_one_lost_look_ends_nothing() -> None:
    looks = iter(["Connection timed out", "", "Connection timed out", ""])
    ended = run_patiently(script(0.5), "", reach=REACH, patience=600, look=lambda *_: next(looks, ""))
    assert ended.code == 0


def test_who_answers_for_a_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port_silent("127.0.0.1", port) == ""
    assert port_silent("127.0.0.1", port) == "", "a refusal is an answer of the kernel"
