"""Whose cable is cut: what a witness tells, and what it does not."""

from __future__ import annotations

import struct
import time

import pytest
from promoter_witness import Witness, checksum, echo_request, is_reply

PATIENCE = 1.0


def witness(*, met: bool = True, ago: float) -> Witness:
    made = Witness(("172.16.21.1",), PATIENCE)
    made.met, made.answered_at = met, time.monotonic() - ago
    return made


@pytest.mark.parametrize(
    ("met", "witness_ago", "peer_ago", "active", "cut"),
    [
        (True, 0.1, 2.0, True, False),
        (True, 0.1, 2.0, False, False),
        (True, 1.2, 1.2, True, True),
        (True, 1.2, 1.2, False, True),
        (True, 1.2, 600.0, True, False),
        (True, 1.2, 600.0, False, True),
        (False, 600.0, 1.2, True, False),
    ],
    ids=[
        "writer, other host dead",
        "stand-by, other host dead",
        "writer, both silent together",
        "stand-by, both silent together",
        "writer, witness lost long after the other host",
        "stand-by, witness lost long after the other host",
        "a witness that never answered",
    ],
)
def test_cut_off(met: bool, witness_ago: float, peer_ago: float, active: bool, cut: bool) -> None:
    said = witness(met=met, ago=witness_ago).cut_off(time.monotonic() - peer_ago, active=active)
    assert bool(said) is cut
    assert not said or "172.16.21.1" in said


def test_an_answer_is_known() -> None:
    request = echo_request(77, 5)
    assert checksum(request) == 0
    head = bytes([0x45]) + bytes(19)
    assert is_reply(head + struct.pack("!BBHHH", 0, 0, 0, 77, 5), 77)
    assert not is_reply(head + request, 77), "our own question on the loopback"
    assert not is_reply(head + struct.pack("!BBHHH", 0, 0, 0, 78, 5), 77), "somebody else's"
    assert not is_reply(b"", 77)
