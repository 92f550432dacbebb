"""Who has what the other lacks."""

from __future__ import annotations

import gtid
import pytest


@pytest.mark.parametrize(
    ("mine", "theirs", "lacking", "diverged"),
    [
        ("", "", "", False),
        ("0-1-100", "0-1-100", "", False),
        ("0-1-99", "0-1-100", "0-1-100", False),
        ("0-1-100", "0-1-99", "", False),
        ("0-1-100,0-2-105", "0-1-100", "", False),
        ("0-1-100", "0-1-100,0-2-105", "0-2-105", False),
        ("0-1-105", "0-1-100,0-2-110", "0-2-110", True),
        ("", "0-1-3", "0-1-3", False),
    ],
)
def test_two_states(mine: str, theirs: str, lacking: str, diverged: bool) -> None:
    here, there = gtid.parse(mine), gtid.parse(theirs)
    assert gtid.words(gtid.lacking(here, there)) == lacking
    assert gtid.diverged(here, there) is diverged
    assert gtid.diverged(there, here) is diverged


def test_what_is_no_gtid_is_refused() -> None:
    with pytest.raises(ValueError, match="no GTID"):
        gtid.parse("0-1-x")
