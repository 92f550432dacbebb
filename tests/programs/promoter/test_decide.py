"""The table by which a host decides whether it takes writes."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from promoter_decide import (
    ASK,
    DEMOTE,
    FENCE,
    FOLLOW,
    PROMOTE,
    SERVE,
    TAKE,
    WAIT,
    Own,
    Peer,
    decide,
    ineligible,
    may_grant,
    outdated,
)

STANDBY = Own(usable=True, active=False, vip=False, right=False)
HOLDER = replace(STANDBY, vip=True)
WRITER = replace(HOLDER, active=True, right=True, term=1)
QUIET = Peer(active=False, vip=False, name="db2")


@pytest.mark.parametrize(
    ("own", "peer", "fencing", "action"),
    [
        (STANDBY, QUIET, False, FOLLOW),
        (STANDBY, None, True, FOLLOW),
        (replace(WRITER, vip=False), QUIET, False, DEMOTE),
        (replace(STANDBY, active=None, usable=False), QUIET, False, DEMOTE),
        (HOLDER, QUIET, True, ASK),
        (HOLDER, replace(QUIET, active=True), True, WAIT),
        (HOLDER, replace(QUIET, active=None), True, WAIT),
        (HOLDER, None, False, TAKE),
        (HOLDER, None, True, FENCE),
        (replace(HOLDER, fenced=True), None, True, TAKE),
        (replace(HOLDER, alone=True), None, True, TAKE),
        (replace(HOLDER, right=True, unready="relay log"), QUIET, True, WAIT),
        (replace(HOLDER, right=True), QUIET, True, PROMOTE),
        (replace(HOLDER, right=True), None, True, PROMOTE),
        (replace(HOLDER, behind="lacks"), None, False, WAIT),
        (replace(HOLDER, met=False), None, False, WAIT),
        (replace(HOLDER, usable=False), QUIET, False, WAIT),
        (WRITER, QUIET, True, SERVE),
        (WRITER, None, True, SERVE),
        (replace(WRITER, drained="by hand"), QUIET, True, DEMOTE),
        (replace(WRITER, right=False), QUIET, True, DEMOTE),
        (WRITER, Peer(active=True, vip=True, right=True, term=2), True, DEMOTE),
        (replace(WRITER, term=3), Peer(active=True, vip=True, right=True, term=2), True, SERVE),
        (WRITER, Peer(active=False, vip=False, right=True, term=2), False, DEMOTE),
        (WRITER, Peer(active=False, vip=False, right=False, term=2), False, SERVE),
        (WRITER, Peer(active=False, vip=False, right=True, term=1), False, SERVE),
    ],
)
def test_what_follows(own: Own, peer: Peer | None, fencing: bool, action: str) -> None:
    assert decide(own, peer, fencing=fencing).action == action


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (STANDBY, ""),
        (replace(STANDBY, usable=False, unwell="MariaDB starts"), "MariaDB starts"),
        (replace(STANDBY, met=False), "may hold newer data"),
        (replace(STANDBY, met=False, alone=True), ""),
        (replace(STANDBY, behind="it lacks writes"), "it lacks writes"),
        (replace(STANDBY, drained="up"), "out of service: up"),
        (replace(WRITER, behind="of no matter: its history counts"), ""),
        (replace(WRITER, met=False), ""),
    ],
)
def test_who_may_hold_the_vip(own: Own, words: str) -> None:
    found = ineligible(own)
    assert (words in found) if words else found == ""


def test_who_has_the_other_host_powered_off() -> None:
    """Of all that a host may be: one that holds the VIP and may have it, with nobody to ask. One that has just started
    (not met), that may lack writes, or that nobody reaches fences nobody, whoever is silent.
    """
    words = ("", "a reason")
    for usable, active, vip, right, met, fenced, alone, behind, drained, cut_off in product(
        (True, False), (True, False, None), *[(True, False)] * 5, *[words] * 3
    ):
        own = Own(
            usable=usable,
            active=active,
            vip=vip,
            right=right,
            met=met,
            fenced=fenced,
            alone=alone,
            behind=behind,
            drained=drained,
            cut_off=cut_off,
        )
        entitled = vip and usable and met and not (behind or drained or cut_off)
        for peer in (None, QUIET, replace(QUIET, active=True), replace(QUIET, active=None)):
            wanted = entitled and not (active or right or fenced or alone or peer)
            assert (decide(own, peer, fencing=True).action == FENCE) is wanted, (own, peer)
            assert decide(own, peer, fencing=False).action != FENCE


def test_the_right_is_given_by_a_host_that_takes_no_writes_and_holds_no_vip() -> None:
    assert may_grant(STANDBY) == ""
    assert may_grant(HOLDER)
    assert may_grant(replace(WRITER, vip=False))
    assert "hangs" in may_grant(replace(STANDBY, active=None))


CUT_OFF = "neither the other host nor 172.16.21.1 answers"


@pytest.mark.parametrize(
    ("own", "action"),
    [
        (replace(WRITER, cut_off=CUT_OFF), DEMOTE),
        (replace(HOLDER, cut_off=CUT_OFF), WAIT),
        (replace(HOLDER, right=True, cut_off=CUT_OFF), WAIT),
        (replace(STANDBY, cut_off=CUT_OFF), FOLLOW),
    ],
)
@pytest.mark.parametrize("fencing", [False, True])
def test_a_host_that_is_itself_cut_off(own: Own, action: str, fencing: bool) -> None:
    """It takes no writes, and has nobody powered off: it is the one that nobody reaches."""
    assert decide(own, None, fencing=fencing).action == action
    assert ineligible(own) == CUT_OFF


@pytest.mark.parametrize(
    ("own", "peer", "gone"),
    [
        (replace(STANDBY, right=True, term=3), Peer(active=True, vip=True, right=True, term=4), True),
        (replace(STANDBY, right=True, term=4), Peer(active=True, vip=True, right=True, term=4), True),
        (replace(STANDBY, right=True, term=4), Peer(active=False, vip=False, right=True, term=4), True),
        (replace(WRITER, term=4), Peer(active=False, vip=False, right=True, term=4), False),
        (replace(STANDBY, right=True, term=4), Peer(active=False, vip=False, right=True, term=3), False),
        (replace(STANDBY, right=True, term=3), Peer(active=True, vip=True, right=False, term=4), False),
        (replace(WRITER, term=3), Peer(active=True, vip=True, right=True, term=4), False),
        (replace(STANDBY, right=True, term=3), None, False),
        (STANDBY, Peer(active=True, vip=True, right=True, term=4), False),
    ],
    ids=[
        "taken since",
        "of one term",
        "of one term, nobody serves",
        "of one term, it serves",
        "later",
        "given away since",
        "demoted first",
        "nobody heard",
        "none held",
    ],
)
def test_a_right_that_was_taken_since_counts_no_more(own: Own, peer: Peer | None, gone: bool) -> None:
    assert outdated(own, peer) is gone
