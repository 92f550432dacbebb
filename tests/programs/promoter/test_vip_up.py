"""vip-up: what it still waits for, from what the promoter and keepalived say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs.conftest import load

STANDS_BY: dict[str, Any] = {
    "vip": False,
    "active": False,
    "right": False,
    "eligible": True,
    "ineligible": "",
    "why": "follows",
    "peer_serves": True,
}
HOLDS = {**STANDS_BY, "vip": True, "active": True, "right": True, "peer_serves": False, "why": "serves"}


@pytest.mark.parametrize(
    ("said", "vrrp", "waits_for"),
    [
        ({}, "BACKUP", "the promoter does not answer"),
        (HOLDS, "MASTER", ""),
        ({**HOLDS, "active": None, "why": "promotes"}, "MASTER", "it holds the VIP: promotes"),
        ({**HOLDS, "right": False, "why": "asks"}, "MASTER", "it holds the VIP: asks"),
        (STANDS_BY, "BACKUP", ""),
        (STANDS_BY, None, "the VRRP state is not known yet"),
        ({**STANDS_BY, "eligible": False, "ineligible": "lags"}, "FAULT", "not eligible: lags"),
        ({**STANDS_BY, "peer_serves": False}, "BACKUP", "neither host holds the VIP and takes writes yet"),
    ],
)
def test_it_waits_until_one_of_the_two_serves(said: dict[str, Any], vrrp: str | None, waits_for: str) -> None:
    """What comes after it (accounts) needs a server that takes writes: two that stand by are not enough."""
    assert load("vip-up").settled(said, vrrp) == waits_for
